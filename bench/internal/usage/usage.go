// Package usage measures the CPU time and memory of processes. The command meter appends them to a file, from which the
// benchmark reads them.
package usage

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"runtime"
	"syscall"
	"time"
)

// Environment variables of the command meter.
const (
	ProviderVariable = "BENCH_METER_PROVIDER" // executable that it runs
	FileVariable     = "BENCH_METER_FILE"     // file that it appends a line to
)

// Process is the usage of one process.
type Process struct {
	CPU  time.Duration `json:"cpu"`  // user and system time
	Peak int64         `json:"peak"` // maximum resident set size in bytes
}

// of returns the usage of a process that has ended, including the children that it waited for.
func of(state *os.ProcessState) Process {
	p := Process{CPU: state.UserTime() + state.SystemTime()}
	if r, ok := state.SysUsage().(*syscall.Rusage); ok {
		p.Peak = int64(r.Maxrss) * maxrssUnit() //nolint:unconvert // 32 bits on some systems
	}
	return p
}

// maxrssUnit is the unit of getrusage's ru_maxrss in bytes.
func maxrssUnit() int64 {
	if runtime.GOOS == "darwin" {
		return 1
	}
	return 1024
}

// Append appends the usage of an ended process to the file.
func Append(file string, state *os.ProcessState) error {
	line, err := json.Marshal(of(state))
	if err != nil {
		return err
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(line, '\n')) // a single write, because other processes append too
	return errors.Join(err, f.Close())
}

// Take returns the usage in the file and removes the file. A missing file is empty.
func Take(file string) (list []Process, err error) {
	f, err := os.Open(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var p Process
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, os.Remove(file)
}
