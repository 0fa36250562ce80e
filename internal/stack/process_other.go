//go:build !linux

package stack

import (
	"errors"
	"os/exec"
	"strconv"
	"strings"
)

// processBegan returns the start time of a running process, for comparison only.
func processBegan(pid int) (string, error) {
	out, err := exec.Command("ps", "-o", "state=,lstart=", "-p", strconv.Itoa(pid)).Output() //nolint:noctx // ends by itself
	if err != nil {
		return "", err
	}
	state, began, _ := strings.Cut(strings.TrimSpace(string(out)), " ")
	if strings.HasPrefix(state, "Z") {
		return "", errors.New("the process has ended")
	}
	return strings.TrimSpace(began), nil
}
