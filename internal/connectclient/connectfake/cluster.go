package connectfake

import (
	"crypto/tls"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// cluster is what all workers of a group share.
type cluster struct {
	mu           sync.Mutex
	version      string
	major, minor int
	lag          time.Duration
	masked       map[string]bool
	allowed      func(*http.Request) bool
	tls          *tls.Config
	connectors   map[string]*connector
	broken       map[string]breakage // by connector name
	stuck        map[string]bool     // connectors that compute no configuration for their tasks
}

// breakage is why a connector or its tasks cannot start.
type breakage struct {
	connector *string // stack trace; nil if the connector itself starts
	tasks     *string // stack trace; nil if tasks start
}

// connector is what the cluster holds of one, and what it did of late.
type connector struct {
	name    string
	config  map[string]*string
	target  string
	state   string
	trace   string
	tasks   []task
	given   map[string]*string // what the tasks were last configured with
	history []snapshot
}

type task struct {
	state, trace string
}

// snapshot is what a status says from a moment on.
type snapshot struct {
	since time.Time
	state string
	trace string
	tasks []task
}

func newCluster() *cluster {
	c := &cluster{
		masked:     map[string]bool{},
		connectors: map[string]*connector{},
		broken:     map[string]breakage{},
		stuck:      map[string]bool{},
	}
	c.setVersion("4.1.0")
	return c
}

func (c *cluster) setVersion(version string) {
	c.version = version
	if _, err := fmt.Sscanf(version, "%d.%d", &c.major, &c.minor); err != nil {
		panic("not a version: " + version)
	}
}

func (c *cluster) since(major, minor int) bool {
	return c.major > major || c.major == major && c.minor >= minor
}

// create adds a connector and starts it.
func (c *cluster) create(name string, config map[string]*string, target string) *connector {
	k := &connector{name: name, config: config, target: target}
	c.connectors[name] = k
	c.run(k)
	return k
}

// configure replaces the configuration. Like a real worker it starts the connector anew, but no task
// whose configuration stays the same. Tasks of a connector that is stuck go on as they are.
func (c *cluster) configure(k *connector, config map[string]*string) {
	same := maps.EqualFunc(k.config, config, func(a, b *string) bool { return text(a) == text(b) })
	k.config = config
	if !same && !c.stuck[k.name] {
		c.run(k)
	}
}

// run starts the connector and its tasks.
func (c *cluster) run(k *connector) {
	broken := c.broken[k.name]
	k.state, k.trace, k.tasks, k.given = k.target, "", nil, k.config
	switch {
	case k.target != "STOPPED" && broken.connector != nil:
		k.state, k.trace = "FAILED", *broken.connector
	case k.target != "STOPPED":
		for range taskCount(k.config) {
			k.tasks = append(k.tasks, c.runTask(k))
		}
	}
	k.publish()
}

func (c *cluster) runTask(k *connector) task {
	if trace := c.broken[k.name].tasks; trace != nil {
		return task{"FAILED", *trace}
	}
	return task{state: k.target}
}

// setTarget pauses, resumes or stops. What FAILED stays FAILED, except tasks of a stopped connector,
// which are gone.
func (c *cluster) setTarget(k *connector, target string) {
	was := k.target
	k.target = target
	if was == "STOPPED" && target == "RUNNING" {
		c.run(k)
		return
	}
	if k.state != "FAILED" {
		k.state = target
	}
	if target == "STOPPED" {
		k.tasks = nil
	}
	for i := range k.tasks {
		if k.tasks[i].state != "FAILED" {
			k.tasks[i].state = target
		}
	}
	k.publish()
}

// restart restarts the connector, its tasks, or what of them failed.
func (c *cluster) restart(k *connector, tasks, onlyFailed bool) {
	if !onlyFailed || k.state == "FAILED" {
		if k.state == "FAILED" {
			c.run(k)
			return
		}
		k.state = k.target
	}
	for i := range k.tasks {
		if tasks && (!onlyFailed || k.tasks[i].state == "FAILED") {
			k.tasks[i] = c.runTask(k)
		}
	}
	k.publish()
}

// publish makes what the connector does known, after the lag.
func (k *connector) publish() {
	k.history = append(k.history, snapshot{time.Now(), k.state, k.trace, append([]task(nil), k.tasks...)})
}

// reported returns what a status says now, or false if it says nothing yet.
func (k *connector) reported(lag time.Duration) (snapshot, bool) {
	visible := time.Now().Add(-lag)
	for _, seen := range slices.Backward(k.history) {
		if !seen.since.After(visible) {
			return seen, true
		}
	}
	return snapshot{}, false
}

// taskCount is how many tasks the connectors here make of a configuration: a file source always one.
func taskCount(config map[string]*string) int {
	if strings.Contains(text(config["connector.class"]), "FileStreamSource") {
		return 1
	}
	n, err := strconv.Atoi(text(config["tasks.max"]))
	if err != nil {
		return 1
	}
	return n
}

func text(value *string) string {
	if value == nil {
		return ""
	}
	return *value
}
