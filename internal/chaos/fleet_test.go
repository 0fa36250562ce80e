package chaos

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
)

// fleetConfig declares a fleet: what changes are the variables alone. Some connectors give up early (var.hurry), so that
// a fault may outlast their creation.
const fleetConfig = `
variable "urls" {
  type = list(string)
}
variable "request_timeout" {
  type = string
}
variable "hurry" {
  type = string
}
variable "fleet" {
  type = map(object({
    config     = map(string)
    sensitive  = map(string)
    write_only = map(string)
    state      = string
    hurries    = bool
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
    create = each.value.hurries ? var.hurry : "3m"
    update = each.value.hurries ? var.hurry : "3m"
  }
}
`

// fleet is the declaration of all connectors, by name.
type fleet map[string]connector

// connector is the declaration of one.
type connector struct {
	Config    map[string]string `json:"config"`
	Sensitive map[string]string `json:"sensitive"`
	WriteOnly map[string]string `json:"write_only"`
	State     string            `json:"state"`
	Hurries   bool              `json:"hurries"`
}

// held is the configuration that the workers have to hold.
func (c connector) held() map[string]string {
	all := maps.Clone(c.Config)
	maps.Copy(all, c.Sensitive)
	maps.Copy(all, c.WriteOnly)
	return all
}

// names is a set of names of connectors.
type names map[string]bool

// change is what differs between two declarations.
type change struct{ added, changed, removed names }

// and is this change with another one after it.
func (c change) and(after change) change {
	both := change{added: names{}, changed: names{}, removed: names{}}
	for _, one := range []change{c, after} {
		maps.Copy(both.added, one.added)
		maps.Copy(both.changed, one.changed)
		maps.Copy(both.removed, one.removed)
	}
	return both
}

// String counts.
func (c change) String() string {
	return fmt.Sprintf("%d added, %d changed, %d removed", len(c.added), len(c.changed), len(c.removed))
}

// mutate returns a declaration of about so many connectors, made from this one at random, and what it changes. Names of
// former connectors come back.
func (f fleet) mutate(r *rand.Rand, size int) (fleet, change) {
	next, did := fleet{}, change{added: names{}, changed: names{}, removed: names{}}
	for _, name := range slices.Sorted(maps.Keys(f)) {
		switch die := r.IntN(100); {
		case die < 15:
			did.removed[name] = true
		case die < 55:
			next[name] = f[name].mutate(r)
			did.changed[name] = true
		default:
			next[name] = f[name]
		}
	}
	for len(next) < size {
		name := fmt.Sprintf("chaos-%03d", r.IntN(2*size))
		if _, known := f[name]; known {
			name = fmt.Sprintf("chaos-%03d é", 2*size+r.IntN(size)) // needs escaping in a path
		}
		if _, known := f[name]; known {
			continue
		}
		next[name] = randomConnector(r)
		did.added[name] = true
	}
	return next, did
}

func randomConnector(r *rand.Rand) connector {
	c := connector{
		Config: map[string]string{
			"connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector",
			"tasks.max":       "1",
			"file":            os.DevNull,
			"topic":           "chaos",
		},
		Sensitive: map[string]string{},
		WriteOnly: map[string]string{},
		State:     randomState(r),
		Hurries:   r.IntN(2) == 0,
	}
	for range r.IntN(4) {
		c = c.mutate(r)
	}
	return c
}

// mutate returns a declaration that differs from this one in at least one thing.
func (c connector) mutate(r *rand.Rand) connector {
	next := connector{maps.Clone(c.Config), maps.Clone(c.Sensitive), maps.Clone(c.WriteOnly), c.State, c.Hurries}
	kinds := []struct {
		prefix string
		values map[string]string
	}{{"chaos.key.", next.Config}, {"chaos.sensitive.", next.Sensitive}, {"chaos.secret.", next.WriteOnly}}
	for range 1 + r.IntN(3) {
		kind := kinds[r.IntN(len(kinds))]
		key := fmt.Sprint(kind.prefix, r.IntN(6))
		_, there := kind.values[key]
		switch die := r.IntN(10); {
		case die < 3:
			next.State = randomState(r)
		case die < 5 && there:
			delete(kind.values, key)
		default:
			kind.values[key] = randomValue(r)
		}
	}
	if next.State == c.State && maps.Equal(next.held(), c.held()) {
		return c.mutate(r)
	}
	return next
}

// randomState is mostly STOPPED, which is light.
func randomState(r *rand.Rand) string {
	return []string{"RUNNING", "PAUSED", "STOPPED", "STOPPED", "STOPPED"}[r.IntN(5)]
}

// randomValue is a value that nothing else has, with characters that are easily mangled.
func randomValue(r *rand.Rand) string {
	odd := []string{"", " ", "\"", "\\", "\n", "é", "%", "=", "#", "{}", "😀"}
	return strings.Join([]string{fmt.Sprintf("%x", r.Uint64()), odd[r.IntN(len(odd))], fmt.Sprintf("%x", r.Uint32())}, "")
}
