package workerconfig

import (
	_ "embed"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/agext/levenshtein"
)

// Mode is the mode of a worker.
type Mode string

// The modes. ModeBoth is for keys only.
const (
	ModeDistributed Mode = "distributed"
	ModeStandalone  Mode = "standalone"
	ModeBoth        Mode = "both"
)

// Type is the type of a key's value.
type Type string

// The types of Kafka's ConfigDef.
const (
	TypeBoolean  Type = "BOOLEAN"
	TypeString   Type = "STRING"
	TypeInt      Type = "INT"
	TypeShort    Type = "SHORT"
	TypeLong     Type = "LONG"
	TypeDouble   Type = "DOUBLE"
	TypeList     Type = "LIST"
	TypeClass    Type = "CLASS"
	TypePassword Type = "PASSWORD"
)

// Key is Kafka's definition of one setting.
type Key struct {
	// Name is the key with its prefix.
	Name string `json:"name"`
	Type Type   `json:"type"`
	// Mode is the mode of the workers that define the key. It is empty for the keys of
	// clients and topics.
	Mode Mode `json:"mode"`
	// Required means that the key has no default: a worker does not start without it.
	Required bool `json:"required"`
	// Default is Kafka's default; empty stands for null, too.
	Default string `json:"default"`
	// Values are the valid values, or those of the elements of a LIST. If there are
	// none, every value is valid.
	Values []string `json:"values"`
	// IgnoreCase means that Values are compared without regard to case.
	IgnoreCase bool `json:"ignore_case"`
	// Min and Max are the bounds of a number, or empty.
	Min json.Number `json:"min"`
	Max json.Number `json:"max"`
	// Since is the first minor version, such as 3.3, that has the key; empty for the oldest of the catalogue.
	Since string `json:"since"`
	// Until is the last minor version that has the key; empty for the newest of the catalogue.
	Until string `json:"until"`
}

// The generator reads the keys with Java from the jars of connect-runtime.
//
//go:generate go run ./generate -out keys.json 2.8.2 3.0.2 3.1.2 3.2.3 3.3.2 3.4.1 3.5.2 3.6.2 3.7.2 3.8.1 3.9.2 4.0.2 4.1.2 4.2.1 4.3.1 4.4.0
//go:embed keys.json
var keysJSON []byte

// catalogue has the keys of each scope by name.
type catalogue struct {
	versions []string
	worker   map[string]Key
	topic    map[string]Key
	clients  map[ClientPrefix]map[string]Key
}

var knownKeys = sync.OnceValue(func() catalogue {
	var parsed struct {
		Versions                                 []string
		Worker, Producer, Consumer, Admin, Topic []Key
	}
	if err := json.Unmarshal(keysJSON, &parsed); err != nil {
		panic("keys.json: " + err.Error()) // it is part of the program
	}
	return catalogue{
		versions: parsed.Versions,
		worker:   byName(parsed.Worker),
		topic:    byName(parsed.Topic),
		clients: map[ClientPrefix]map[string]Key{
			PrefixProducer: byName(parsed.Producer),
			PrefixConsumer: byName(parsed.Consumer),
			PrefixAdmin:    byName(parsed.Admin),
		},
	}
})

func byName(keys []Key) map[string]Key {
	named := make(map[string]Key, len(keys))
	for _, key := range keys {
		named[key.Name] = key
	}
	return named
}

// CatalogueVersions returns the versions of Kafka Connect whose keys the catalogue
// has, oldest first.
func CatalogueVersions() []string { return knownKeys().versions }

// Lookup returns the definition of a key in the file of a worker of this mode, and
// whether there is one. It knows the worker's own keys; the keys of Kafka clients,
// without a prefix for the clients that the worker itself uses, and under producer.,
// consumer. and admin. for those of connectors; and the keys under prefixes such as
// key.converter. and offset.storage., which the worker passes to a converter or uses
// for a topic.
func Lookup(name string, mode Mode) (Key, bool) {
	known := knownKeys()
	if key, ok := known.worker[name]; ok && (key.Mode == mode || key.Mode == ModeBoth) {
		return key, true
	}
	if key, ok := lookupPrefixed(known, name, mode); ok {
		key.Name = name
		return key, true
	}
	for _, client := range bareClients(mode) {
		if key, ok := known.clients[client][name]; ok {
			key.Required = false // the worker supplies what its clients require
			return key, true
		}
	}
	return Key{}, false
}

// bareClients returns the clients that a worker creates for itself from keys without
// a prefix: a distributed worker reads and writes the storage topics, a standalone
// worker only requests the cluster's id.
func bareClients(mode Mode) []ClientPrefix {
	if mode == ModeStandalone {
		return []ClientPrefix{PrefixAdmin}
	}
	return []ClientPrefix{PrefixAdmin, PrefixProducer, PrefixConsumer}
}

// prefix describes the keys that start with a text.
type prefix struct {
	text string
	// keys returns the known keys without the prefix. Nil means that any key is valid.
	keys func(catalogue) map[string]Key
	// distributed means that a standalone worker ignores the prefix.
	distributed bool
}

// httpsPrefix starts the keys of TLS for the REST listeners, if it differs from the
// TLS of the worker's clients.
const httpsPrefix = "listeners.https."

// prefixes are tried in order. A prefix of another prefix comes after it.
var prefixes = []prefix{
	{text: "admin." + httpsPrefix, keys: tlsKeys},
	{text: httpsPrefix, keys: tlsKeys},
	{text: "producer.", keys: func(c catalogue) map[string]Key { return c.clients[PrefixProducer] }},
	{text: "consumer.", keys: func(c catalogue) map[string]Key { return c.clients[PrefixConsumer] }},
	{text: "admin.", keys: func(c catalogue) map[string]Key { return c.clients[PrefixAdmin] }},
	{text: "offset.storage.", keys: topicKeys, distributed: true},
	{text: "config.storage.", keys: topicKeys, distributed: true},
	{text: "status.storage.", keys: topicKeys, distributed: true},
	{text: "key.converter."},
	{text: "value.converter."},
	{text: "header.converter."},
	{text: "metrics.context."},
}

// tlsKeys returns the worker's own TLS keys: those of every client, and
// ssl.client.auth.
func tlsKeys(known catalogue) map[string]Key {
	keys := map[string]Key{}
	for name, key := range known.worker {
		if strings.HasPrefix(name, "ssl.") {
			keys[name] = key
		}
	}
	return keys
}

// topicKeys returns the topic settings that a worker sets when it creates a topic.
func topicKeys(known catalogue) map[string]Key { return known.topic }

func lookupPrefixed(known catalogue, name string, mode Mode) (Key, bool) {
	if key, ok := lookupConfigProvider(name); ok {
		return key, true
	}
	for _, p := range prefixes {
		rest, ok := strings.CutPrefix(name, p.text)
		if !ok || rest == "" || p.distributed && mode == ModeStandalone {
			continue
		}
		if p.keys == nil {
			return Key{Type: TypeString}, true
		}
		if key, ok := p.keys(known)[rest]; ok {
			key.Required = false // bootstrap.servers and the like fall back to the bare key
			return key, true
		}
	}
	return Key{}, false
}

// lookupConfigProvider looks up config.providers.NAME.class and
// config.providers.NAME.param.ANY (KIP-297).
func lookupConfigProvider(name string) (Key, bool) {
	rest, ok := strings.CutPrefix(name, "config.providers.")
	if !ok {
		return Key{}, false
	}
	provider, setting, _ := strings.Cut(rest, ".")
	switch {
	case provider == "":
		return Key{}, false
	case setting == "class":
		return Key{Type: TypeClass}, true
	default:
		parameter, ok := strings.CutPrefix(setting, "param.")
		return Key{Type: TypeString}, ok && parameter != ""
	}
}

// Suggest returns the known key of this mode that is most similar to an unknown one,
// or "" if none is similar. One slip per six letters is similar, at least one and at
// most three; keys of fewer than four letters are never similar. Upper case, and "_"
// and "-" in place of ".", are not slips.
func Suggest(name string, mode Mode) string { return mostSimilar(name, candidates(mode)) }

// mostSimilar returns the first of the candidates with the smallest distance, as described at [Suggest].
func mostSimilar(name string, candidates []string) string {
	wanted := normalise(name)
	limit := min(max(1, len(wanted)/6), 3)
	if len(wanted) < 4 {
		return ""
	}
	best, bestDistance := "", limit+1
	for _, candidate := range candidates {
		if apart := len(candidate) - len(wanted); apart > limit || -apart > limit {
			continue
		}
		if d := distance(wanted, normalise(candidate)); d < bestDistance {
			best, bestDistance = candidate, d
		}
	}
	return best
}

func normalise(name string) string {
	return strings.NewReplacer("_", ".", "-", ".").Replace(strings.ToLower(name))
}

// candidates returns all known keys of a mode with their prefixes. The worker's own
// keys come first and win over other keys of the same distance.
func candidates(mode Mode) []string {
	known := knownKeys()
	var names []string
	for name, key := range known.worker {
		if key.Mode == mode || key.Mode == ModeBoth {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, client := range bareClients(mode) {
		names = append(names, slices.Sorted(maps.Keys(known.clients[client]))...)
	}
	for _, p := range prefixes {
		if p.keys == nil || p.distributed && mode == ModeStandalone {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(p.keys(known))) {
			names = append(names, p.text+name)
		}
	}
	return names
}

// distance is the Levenshtein distance, except that two swapped neighbours count as one slip.
func distance(a, b string) int {
	d := levenshtein.Distance(a, b, nil)
	if d == 2 && len(a) == len(b) {
		i := 0
		for a[i] == b[i] {
			i++
		}
		if i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:] {
			return 1
		}
	}
	return d
}
