package chaos

import (
	"net/http"
	"testing"
	"time"
)

// topicKills is how many of the kills meet a rebuild of a topic, not connectors.
func topicKills() int { return max(1, *kills/4) }

// The provider is killed at any moment of an apply that creates, changes and deletes connectors. The next apply converges:
// what was created is adopted, what was changed is finished, what was deleted is gone.
func TestKills(t *testing.T) {
	p := newPlayground(t)
	began, killed := time.Now(), map[string]int{}
	p.size = min(p.size, 16) // enough at the same time
	steps := 4 * p.size
	for want, n := *kills-topicKills(), 0; n < want; {
		p.declare()
		during := ""
		p.fuse.light(1+p.rand.IntN(steps), func(r *http.Request) {
			if p.tf.killProvider() {
				during = r.Method
			}
		})
		out, ok := p.tf.apply()
		p.fuse.out()
		taken := p.fuse.taken()
		switch {
		case during == "":
			steps = max(1, taken) // the fuse was too long
			if !ok {
				t.Fatalf("an undisturbed apply failed:\n%s", out)
			}
		case ok:
			t.Logf("an apply succeeded although its provider was killed during a %s:\n%s", during, out)
			fallthrough
		default:
			killed[during]++
			n++
		}
		p.tf.converge()
		p.check(false)
		t.Logf("%4.0f s: %d kills; the last during a %s, step %d; %v", time.Since(began).Seconds(), n, during, taken, p.done)
	}
	p.end()
	t.Logf("killed during requests: %v", killed)
}
