package chaos

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
)

// fleetConfig declares a fleet. Only its variables change. Some connectors have a short timeout, so that their creation may
// time out while faults last.
const fleetConfig = `
variable "urls" {
  type = list(string)
}
variable "request_timeout" {
  type = string
}
variable "short_timeout" {
  type = string
}
variable "fleet" {
  type = map(object({
    config        = map(string)
    sensitive     = map(string)
    write_only    = map(string)
    state         = string
    short_timeout = bool
  }))
}
provider "kafkaconnect" {
  connect = {
    urls            = var.urls
    request_timeout = var.request_timeout
  }
}
resource "kafkaconnect_connector" "this" {
  for_each         = var.fleet
  name             = each.key
  config           = each.value.config
  config_sensitive = each.value.sensitive
  config_wo        = each.value.write_only
  state            = each.value.state
  timeouts = {
    create = each.value.short_timeout ? var.short_timeout : "3m"
    update = each.value.short_timeout ? var.short_timeout : "3m"
  }
}
`

// fleet is the declaration of all connectors, by name.
type fleet map[string]connector

// connector is the declaration of one connector.
type connector struct {
	Config       map[string]string `json:"config"`
	Sensitive    map[string]string `json:"sensitive"`
	WriteOnly    map[string]string `json:"write_only"`
	State        string            `json:"state"`
	ShortTimeout bool              `json:"short_timeout"`
}

// merged returns the whole configuration, as workers must store it.
func (c connector) merged() map[string]string {
	all := maps.Clone(c.Config)
	maps.Copy(all, c.Sensitive)
	maps.Copy(all, c.WriteOnly)
	return all
}

// names is a set of connector names.
type names map[string]bool

// change is the difference between two declarations.
type change struct{ added, changed, removed names }

// merge returns the union of this change and a later one.
func (c change) merge(later change) change {
	both := change{added: names{}, changed: names{}, removed: names{}}
	for _, one := range []change{c, later} {
		maps.Copy(both.added, one.added)
		maps.Copy(both.changed, one.changed)
		maps.Copy(both.removed, one.removed)
	}
	return both
}

// String returns the sizes of the sets.
func (c change) String() string {
	return fmt.Sprintf("%d added, %d changed, %d removed", len(c.added), len(c.changed), len(c.removed))
}

// mutate returns a randomly changed declaration of about this size, and the change. Names of deleted connectors are used
// again.
func (f fleet) mutate(r *rand.Rand, size int) (fleet, change) {
	next, diff := fleet{}, change{added: names{}, changed: names{}, removed: names{}}
	for _, name := range slices.Sorted(maps.Keys(f)) {
		switch percent := r.IntN(100); {
		case percent < 15:
			diff.removed[name] = true
		case percent < 55:
			next[name] = f[name].mutate(r)
			diff.changed[name] = true
		default:
			next[name] = f[name]
		}
	}
	for len(next) < size {
		name := fmt.Sprintf("chaos-%03d", r.IntN(2*size))
		if _, known := f[name]; known {
			name = fmt.Sprintf("chaos-%03d é", 2*size+r.IntN(size)) // must be escaped in a path
		}
		if _, known := f[name]; known {
			continue
		}
		next[name] = randomConnector(r)
		diff.added[name] = true
	}
	return next, diff
}

func randomConnector(r *rand.Rand) connector {
	c := connector{
		Config: map[string]string{
			"connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector",
			"tasks.max":       "1",
			"file":            os.DevNull,
			"topic":           "chaos",
		},
		Sensitive:    map[string]string{},
		WriteOnly:    map[string]string{},
		State:        randomState(r),
		ShortTimeout: r.IntN(2) == 0,
	}
	for range r.IntN(4) {
		c = c.mutate(r)
	}
	return c
}

// mutate returns a randomly changed declaration. At least one setting or the state differs.
func (c connector) mutate(r *rand.Rand) connector {
	next := connector{maps.Clone(c.Config), maps.Clone(c.Sensitive), maps.Clone(c.WriteOnly), c.State, c.ShortTimeout}
	kinds := []struct {
		prefix string
		values map[string]string
	}{{"chaos.key.", next.Config}, {"chaos.sensitive.", next.Sensitive}, {"chaos.secret.", next.WriteOnly}}
	for range 1 + r.IntN(3) {
		kind := kinds[r.IntN(len(kinds))]
		key := fmt.Sprint(kind.prefix, r.IntN(6))
		_, exists := kind.values[key]
		switch choice := r.IntN(10); {
		case choice < 3:
			next.State = randomState(r)
		case choice < 5 && exists:
			delete(kind.values, key)
		default:
			kind.values[key] = randomValue(r)
		}
	}
	if next.State == c.State && maps.Equal(next.merged(), c.merged()) {
		return c.mutate(r)
	}
	return next
}

// randomState mostly returns STOPPED: stopped connectors have no tasks and cost the workers little.
func randomState(r *rand.Rand) string {
	return []string{"RUNNING", "PAUSED", "STOPPED", "STOPPED", "STOPPED"}[r.IntN(5)]
}

// randomValue returns a unique value with characters that need escaping in JSON or HCL.
func randomValue(r *rand.Rand) string {
	odd := []string{"", " ", "\"", "\\", "\n", "é", "%", "=", "#", "{}", "😀"}
	return strings.Join([]string{fmt.Sprintf("%x", r.Uint64()), odd[r.IntN(len(odd))], fmt.Sprintf("%x", r.Uint32())}, "")
}
