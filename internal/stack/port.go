package stack

import (
	"fmt"
	"runtime"
	"sync"
	"syscall"
)

// ports hands out free loopback ports and keeps them for their stack, also while the process that listens there is down.
type ports struct {
	mu   sync.Mutex
	held []int // descriptors of the sockets that hold the ports
}

// loopback is where everything listens. Not "localhost", so that IPv4 or IPv6 is never a question.
const loopback = "127.0.0.1"

// take returns a port that nobody else gets until release.
//
// The port is held by a socket that is bound to it but does not listen. Linux lets a second socket bind and listen there
// when both set SO_REUSEADDR, as Java does, while it neither hands the port to anyone who asks for a free one nor uses it
// for outgoing connections. Other systems refuse the second bind, so there the port is only known to be free now.
func (p *ports) take() (int, error) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		return 0, fmt.Errorf("socket: %w", err)
	}
	syscall.CloseOnExec(fd)
	port, err := bindFree(fd)
	if err != nil || runtime.GOOS != "linux" {
		syscall.Close(fd)
		return port, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = append(p.held, fd)
	return port, nil
}

func bindFree(fd int) (int, error) {
	if err := syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err != nil {
		return 0, fmt.Errorf("set SO_REUSEADDR: %w", err)
	}
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return 0, fmt.Errorf("bind a free port: %w", err)
	}
	address, err := syscall.Getsockname(fd)
	if err != nil {
		return 0, fmt.Errorf("getsockname: %w", err)
	}
	inet4, ok := address.(*syscall.SockaddrInet4)
	if !ok {
		return 0, fmt.Errorf("getsockname: address of another family: %T", address)
	}
	return inet4.Port, nil
}

// release gives all ports back.
func (p *ports) release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, fd := range p.held {
		syscall.Close(fd)
	}
	p.held = nil
}
