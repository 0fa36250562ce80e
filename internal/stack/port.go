package stack

import (
	"fmt"
	"runtime"
	"sync"
	"syscall"
)

// ports allocates free loopback ports and reserves them for the stack, also while the listening process is down.
type ports struct {
	mu   sync.Mutex
	held []int // descriptors of the sockets that reserve the ports
}

// loopback is the address of all listeners. The name "localhost" could be IPv4 or IPv6.
const loopback = "127.0.0.1"

// take returns a port that no other process gets until release.
//
// A socket that is bound to the port but does not listen reserves it. If both sockets set SO_REUSEADDR, as Java does, Linux
// lets a second socket bind and listen. Linux neither allocates the port to others nor uses it for outgoing connections.
// Other systems reject the second bind, so there the port is only free at the moment.
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
		return 0, fmt.Errorf("getsockname: unexpected address type %T", address)
	}
	return inet4.Port, nil
}

// release ends the reservation of all ports.
func (p *ports) release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, fd := range p.held {
		syscall.Close(fd)
	}
	p.held = nil
}
