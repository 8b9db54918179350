// Package service is what one side of a connection has registered: generated
// adapters and net/rpc-style objects, found by "Object.Method".
package service
