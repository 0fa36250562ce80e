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

// cluster is the state that all workers of a group share.
type cluster struct {
	mu           sync.Mutex
	workers      []*Worker
	version      string
	kafkaID      string
	address      string // of the first worker, which runs everything
	available    []plugin
	major, minor int
	lag          time.Duration
	masked       map[string]string // what is shown instead, by key
	allowed      func(*http.Request) bool
	tls          *tls.Config
	connectors   map[string]*connector
	offsets      map[string][]offset // by connector name
	broken       map[string]breakage // by connector name
	stuck        map[string]bool     // connectors that generate no new configuration for their tasks
	untracked    bool                // topic.tracking.enable=false
}

// breakage is the reason why a connector or its tasks cannot start.
type breakage struct {
	connector *string // stack trace; nil if the connector itself starts
	tasks     *string // stack trace; nil if tasks start
	key       string  // if set, only tasks with this value of the key do not start
	value     string
}

// connector is a connector with its recent history.
type connector struct {
	name    string
	config  map[string]*string
	target  string
	state   string
	trace   string
	tasks   []task
	given   map[string]*string // the configuration of the tasks
	topics  []string           // active topics
	history []snapshot
}

type task struct {
	state, trace string
}

// snapshot is the content of a status from a point in time.
type snapshot struct {
	since time.Time
	state string
	trace string
	tasks []task
}

func newCluster() *cluster {
	c := &cluster{
		kafkaID:    "connectfake",
		available:  plugins,
		masked:     map[string]string{},
		connectors: map[string]*connector{},
		offsets:    map[string][]offset{},
		broken:     map[string]breakage{},
		stuck:      map[string]bool{},
	}
	c.setVersion("4.3.1")
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

// configure replaces the configuration. Like a real worker, it restarts the connector, but no task whose configuration
// stays the same. The tasks of a stuck connector keep their configuration.
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
	if broken := c.broken[k.name]; broken.tasks != nil && (broken.key == "" || text(k.given[broken.key]) == broken.value) {
		return task{"FAILED", *broken.tasks}
	}
	return task{state: k.target}
}

// setTarget pauses, resumes or stops a connector. A FAILED part stays FAILED, except that a stopped connector has no
// tasks.
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

// restart restarts the connector, its tasks, or the parts that are FAILED.
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

// publish makes the current state visible in statuses, after the lag.
func (k *connector) publish() {
	k.history = append(k.history, snapshot{time.Now(), k.state, k.trace, append([]task(nil), k.tasks...)})
}

// reported returns the current content of the status, or false if there is none yet.
func (k *connector) reported(lag time.Duration) (snapshot, bool) {
	visible := time.Now().Add(-lag)
	for _, seen := range slices.Backward(k.history) {
		if !seen.since.After(visible) {
			return seen, true
		}
	}
	return snapshot{}, false
}

// taskCount returns how many tasks a connector has with this configuration. A file source always has one.
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
