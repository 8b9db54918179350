package pingo_test

func ignoreTermination() {}

func alive(int) bool { return false } // it was in the job

const abortedBy = "exited by itself with status 1" // Windows has no signals: Kill sets a status
