package stack

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

// tether ties processes and a folder to the life of this one, however it ends: a watchdog process reads a pipe of which
// only this process (and each child for an instant) holds the other end. Once the pipe is closed, the watchdog kills what
// still runs and removes the folder.
//
// This holds for a kill -9 as well as for the panic of a test time-out, on every Unix. Linux's parent death signal would
// follow the thread that started the child instead, which in Go comes and goes.
type tether struct {
	pipe     *os.File
	watchdog *exec.Cmd
}

// watchdogScript keeps the list of running children: "+ pid" adds, "- pid" removes. The folder is its first argument.
const watchdogScript = `
trap '' HUP INT QUIT TERM
pids=' '
while read -r change pid; do
  case $change in
    +) pids="$pids$pid " ;;
    -) pids="${pids%% $pid *} ${pids#* $pid }" ;;
  esac
done
for pid in $pids; do kill -KILL "$pid" 2>/dev/null; done
for attempt in 1 2 3 4 5; do rm -rf "$1" && exit; sleep 1; done
`

// reportingScript reports a child on descriptor 3 before it becomes that child, so that there is no instant at which
// this process could die and leave a child that the watchdog does not know.
const reportingScript = `echo "+ $$" >&3; exec 3>&- "$@"`

// newTether starts a watchdog over the folder and the processes that attach adds.
func newTether(folder string) (*tether, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("pipe to the watchdog: %w", err)
	}
	defer r.Close()
	watchdog := exec.Command("/bin/sh", "-c", watchdogScript, "watchdog", folder) //nolint:noctx // ends with the pipe
	watchdog.Stdin = r
	watchdog.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := watchdog.Start(); err != nil {
		w.Close()
		return nil, fmt.Errorf("start the watchdog: %w", err)
	}
	return &tether{pipe: w, watchdog: watchdog}, nil
}

// attach makes a command that has not started yet one that the watchdog will know.
func (t *tether) attach(cmd *exec.Cmd) {
	cmd.Args = append([]string{"sh", "-c", reportingScript, "sh", cmd.Path}, cmd.Args[1:]...)
	cmd.Path = "/bin/sh"
	cmd.ExtraFiles = []*os.File{t.pipe}
}

// forget tells the watchdog that a process has ended, whose id may soon be another's.
func (t *tether) forget(pid int) {
	fmt.Fprintf(t.pipe, "- %d\n", pid)
}

// cut ends what is still attached, removes the folder and waits for the watchdog.
func (t *tether) cut() error {
	return errors.Join(t.pipe.Close(), t.watchdog.Wait())
}
