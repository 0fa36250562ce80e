package stack

import (
	"bytes"
	"errors"
	"fmt"
	"os"
)

// processBegan returns the start time of a running process, for comparison only. A zombie counts as ended, because in a
// container it may never be reaped.
func processBegan(pid int) (string, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", err
	}
	// The format is: pid (command) state ... The command may contain blanks and brackets. See proc(5).
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	const state, startTime = 0, 19
	if len(fields) <= startTime {
		return "", errors.New("unexpected format of /proc/pid/stat")
	}
	if s := fields[state][0]; s == 'Z' || s == 'X' {
		return "", errors.New("the process has ended")
	}
	return string(fields[startTime]), nil
}
