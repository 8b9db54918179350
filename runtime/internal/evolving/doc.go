// Package evolving has no code of its own: its directories are versions of one
// contract, of which tests build hosts and plugins that have to work together.
package evolving
