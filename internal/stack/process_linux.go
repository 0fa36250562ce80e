package stack

import (
	"bytes"
	"errors"
	"fmt"
	"os"
)

// processBegan returns the start time of a running process, in a form that is only good for comparison.
// A zombie counts as gone: in a container nobody may ever reap it.
func processBegan(pid int) (string, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", err
	}
	// pid (command) state ...: the command may hold blanks and brackets, so count from the last bracket. See proc(5).
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	const state, startTime = 0, 19
	if len(fields) <= startTime {
		return "", errors.New("unexpected form of /proc/pid/stat")
	}
	if s := fields[state][0]; s == 'Z' || s == 'X' {
		return "", errors.New("the process has ended")
	}
	return string(fields[startTime]), nil
}
