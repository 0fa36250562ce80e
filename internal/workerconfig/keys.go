package workerconfig

import (
	_ "embed"
	"encoding/json"
	"strings"
	"sync"
)

// Mode is how a worker runs.
type Mode string

// The modes of workers, and of keys that serve both.
const (
	ModeDistributed Mode = "distributed"
	ModeStandalone  Mode = "standalone"
	ModeBoth        Mode = "both"
)

// Type is how Kafka reads the value of a key.
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

// Key is what Kafka defines about one setting.
type Key struct {
	// Name is the whole key, prefix included.
	Name string `json:"name"`
	// Type is how the value is read.
	Type Type `json:"type"`
	// Mode says which workers define the key. It is empty for the keys of clients and
	// topics.
	Mode Mode `json:"mode"`
	// Required keys have no default, and nothing starts without them.
	Required bool `json:"required"`
	// Default is what Kafka takes when the key is not given; null is empty.
	Default string `json:"default"`
	// Values are the only valid ones, or none when there is no such list. For a LIST
	// they are those of its elements.
	Values []string `json:"values"`
	// IgnoreCase says that Values are compared without regard to case.
	IgnoreCase bool `json:"ignore_case"`
	// Min and Max are bounds of a number, empty where there is none.
	Min json.Number `json:"min"`
	Max json.Number `json:"max"`
	// Since is the first version known to have the key, empty when the oldest of
	// CatalogueVersions has it.
	Since string `json:"since"`
	// Until is the last version known to have the key, empty when the newest of
	// CatalogueVersions has it.
	Until string `json:"until"`
}

// The versions of the catalogue are read by Java from the jars of connect-runtime.
//
//go:generate go run ./generate -out keys.json 2.8.2 3.0.2 3.3.2 3.5.2 3.7.2 3.9.1 4.0.0 4.1.0
//go:embed keys.json
var keysJSON []byte

// catalogue holds the known keys of each scope by name.
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

// CatalogueVersions are the versions of Kafka Connect whose keys are known,
// oldest first.
func CatalogueVersions() []string { return knownKeys().versions }

// Lookup returns what is known of a key in the file of a worker of this mode, and
// whether anything is. Known are the worker's own keys; those of its clients, bare
// (the worker passes them to the clients that it uses itself) and under producer.,
// consumer. and admin.; and everything under the prefixes that hand keys on, such
// as key.converter. or offset.storage. for the settings of the topic.
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

// bareClients are the clients that a worker itself makes from its bare keys: a
// distributed one reads and writes the storage topics, a stand-alone one only
// asks the cluster for its id.
func bareClients(mode Mode) []ClientPrefix {
	if mode == ModeStandalone {
		return []ClientPrefix{PrefixAdmin}
	}
	return []ClientPrefix{PrefixAdmin, PrefixProducer, PrefixConsumer}
}

// prefix is a part of the name space of keys.
type prefix struct {
	text string
	// keys returns the known keys under the prefix, or nil when any may follow.
	keys func(catalogue) map[string]Key
	// distributed prefixes mean nothing to a stand-alone worker.
	distributed bool
}

// httpsPrefix is that of the keys that set TLS for the REST listeners apart from
// the worker's own clients.
const httpsPrefix = "listeners.https."

// prefixes are tried in order: the longer before the shorter that it begins with.
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

// tlsKeys are the worker's own, which besides those of every client have
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

// topicKeys are what the worker passes on when it creates a storage topic.
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

// lookupConfigProvider knows config.providers.NAME.class and
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
