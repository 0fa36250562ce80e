package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"
)

// profileVariable is the environment variable that names the folder for profiles. It is not a flag, because Terraform passes
// no flags to providers.
const profileVariable = "KAFKACONNECT_PROFILE"

// startProfile starts a CPU profile if the environment asks for profiles. The returned function ends it and writes the
// profile of allocations. Each provider process writes files of its own.
func startProfile() (stop func() error, err error) {
	folder := os.Getenv(profileVariable)
	if folder == "" {
		return func() error { return nil }, nil
	}
	create := func(kind string) (*os.File, error) {
		return os.Create(filepath.Join(folder, fmt.Sprintf("%s-%d.pprof", kind, os.Getpid())))
	}
	cpu, err := create("cpu")
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(cpu); err != nil {
		return nil, err
	}
	return func() error {
		pprof.StopCPUProfile()
		memory, err := create("memory")
		if err != nil {
			return errors.Join(err, cpu.Close())
		}
		return errors.Join(cpu.Close(), pprof.Lookup("allocs").WriteTo(memory, 0), memory.Close())
	}, nil
}
