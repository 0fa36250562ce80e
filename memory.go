package main

import (
	"os"
	"runtime/debug"
)

// The garbage collector runs less often than by default: the process is short-lived, allocates much and keeps little. A plan of
// 1000 connectors then takes three quarters of the CPU time and twice the memory, 110 MB instead of 55 MB. From memoryLimit
// on, the collector runs more often, so that larger plans use less than that if they can.
const (
	gcPercent   = 400
	memoryLimit = 512 << 20
)

// tuneGarbageCollector applies these settings unless the environment has others.
func tuneGarbageCollector() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
}
