package chaos

import (
	"net/http"
	"strings"
	"sync"
)

// fuse does something when a number of steps has gone by since the first write of an apply. A step is that a request
// comes to the proxy, or that a worker has carried one out; the request waits meanwhile.
type fuse struct {
	mu    sync.Mutex
	left  int // steps until then; what is negative or 0 does not burn
	begun bool
	blown bool
	steps int // that went by
	do    func(*http.Request)
}

// light lights the fuse.
func (f *fuse) light(steps int, do func(*http.Request)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.left, f.do, f.begun, f.blown, f.steps = steps, do, false, false, 0
}

// burn is a step.
func (f *fuse) burn(r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	reads := r.Method == http.MethodGet || strings.HasSuffix(r.URL.Path, "/config/validate")
	if f.begun = f.begun || !reads; !f.begun {
		return
	}
	f.steps++
	if f.left--; f.left == 0 {
		f.blown = true
		f.do(r)
	}
}

// out puts the fuse out and tells whether it did what it was to do.
func (f *fuse) out() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.left = 0
	return f.blown
}

// taken is how many steps went by until now.
func (f *fuse) taken() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.steps
}
