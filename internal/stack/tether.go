package stack

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

// tether kills child processes and removes a folder when this process ends. A watchdog process reads a pipe. Only this
// process has the other end (and each child, until it executes java). When the pipe is closed, the watchdog kills the
// children that still run and removes the folder.
//
// This works after kill -9 and after the panic of a test timeout, on every Unix. Linux's parent death signal depends on
// the thread that started the child, and Go ends threads at any time.
type tether struct {
	pipe     *os.File
	watchdog *exec.Cmd
}

// watchdogScript keeps a list of running children: "+ pid" adds, "- pid" removes. Its first argument is the folder.
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

// reportingScript writes the process id to descriptor 3 before it executes the child's command. So the watchdog knows every
// child, even if this process ends right after the start.
const reportingScript = `echo "+ $$" >&3; exec 3>&- "$@"`

// newTether starts a watchdog for the folder and for the processes that attach adds.
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

// attach changes a command so that it reports to the watchdog when it starts.
func (t *tether) attach(cmd *exec.Cmd) {
	cmd.Args = append([]string{"sh", "-c", reportingScript, "sh", cmd.Path}, cmd.Args[1:]...)
	cmd.Path = "/bin/sh"
	cmd.ExtraFiles = []*os.File{t.pipe}
}

// forget tells the watchdog that a process has ended, because its id may be reused.
func (t *tether) forget(pid int) {
	fmt.Fprintf(t.pipe, "- %d\n", pid)
}

// cut closes the pipe and waits until the watchdog has killed the processes and removed the folder.
func (t *tether) cut() error {
	return errors.Join(t.pipe.Close(), t.watchdog.Wait())
}
