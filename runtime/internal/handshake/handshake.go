// Package handshake is what both sides say before the first call: how the
// plugin finds its host, who is allowed to connect, and what each side offers.
package handshake
