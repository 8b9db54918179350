// Package process runs the plugin's process: start, output, signals, the end of
// its group, and what is known of how it ended.
package process
