package stack

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
)

// DefaultVersion is the default version of Kafka and of Kafka Connect.
const DefaultVersion = "4.3.1"

// BrokerVersionVariable is the environment variable with the default of [Options.BrokerVersion]. It makes the stacks that
// tests start for themselves run the brokers that the tests are for.
const BrokerVersionVariable = "KAFKACONNECT_TEST_BROKER_VERSION"

// NoWorkers is the value of [Options.Workers] for a stack without workers.
const NoWorkers = -1

// RESTScheme is the scheme of a worker's REST API.
type RESTScheme string

const (
	// HTTP is plain http, the default.
	HTTP RESTScheme = "http"
	// HTTPS is https with a certificate of the stack's authority.
	HTTPS RESTScheme = "https"
	// MutualTLS is https that requires a client certificate of the stack's authority.
	MutualTLS RESTScheme = "mtls"
)

// Options describes a stack. The zero value is one broker and one worker of [DefaultVersion], without security.
type Options struct {
	Brokers int // number of brokers, each also a controller; default 1
	Workers int // number of distributed workers of one group; default 1, [NoWorkers] for none

	BrokerVersion string // default that of [BrokerVersionVariable], else [DefaultVersion]; 2.8 and later
	WorkerVersion string // default [DefaultVersion]; 2.8 and later

	// BrokerProperties and WorkerProperties extend or override the properties that the stack sets.
	BrokerProperties map[string]string
	WorkerProperties map[string]string

	// PluginPath lists folders with connector plugins. The file and mirror connectors, converters and
	// transforms of Apache Kafka are always available.
	PluginPath []string

	// SASLSSL adds two listeners to every broker: SASL_SSL with the mechanisms PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512 for
	// the Users, and SSL, which requires a client certificate. See [Stack.BootstrapSASL] and [Stack.BootstrapMTLS].
	SASLSSL bool

	// Users are the users of the SASL_SSL listener; default one, "client".
	Users []User

	// Authorizer makes the brokers check permissions. The first of the Users and clients of the PLAINTEXT listener may do
	// everything. The other users have no rights.
	Authorizer bool

	// RESTScheme is the scheme of the workers' REST APIs; default [HTTP].
	RESTScheme RESTScheme

	// RESTUser, if it has a name, is the only user of the workers' REST APIs, with basic authentication.
	RESTUser User

	GroupID string // group.id of the workers and prefix of their internal topics; default unique

	// StateFile, if set, describes the stack for [Attach]. The stack then outlives this process.
	StateFile string

	// Log receives progress messages, such as those of the first download; default none.
	Log io.Writer `json:"-"`
}

// User is a name with its password.
type User struct {
	Name     string `json:"name"`
	Password string `json:"password"`
}

// String hides the password from logs.
func (u User) String() string { return u.Name }

// GoString hides the password from logs.
func (u User) GoString() string { return u.Name }

// versionPattern also makes a version safe as a folder name and in a pom.xml.
var versionPattern = regexp.MustCompile(`^\d+\.\d+\.\d+$`)

// tooOldBroker matches the versions of brokers that the stack does not support.
var tooOldBroker = regexp.MustCompile(`^([01]|2\.[0-7])\.`)

// zooKeeperBroker matches the versions in which KRaft was not ready for production.
var zooKeeperBroker = regexp.MustCompile(`^(2|3\.[0-2])\.`)

// needsZooKeeper reports whether brokers of the version run with ZooKeeper.
func needsZooKeeper(version string) bool { return zooKeeperBroker.MatchString(version) }

// userPattern matches the names that Kafka's PLAIN login module accepts after "user_" in an option.
var userPattern = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)

// withDefaults returns the options with all defaults set, or an error that names the invalid option.
func (o Options) withDefaults() (Options, error) {
	setDefault(&o.Brokers, 1)
	setDefault(&o.Workers, 1)
	setDefault(&o.BrokerVersion, os.Getenv(BrokerVersionVariable))
	setDefault(&o.BrokerVersion, DefaultVersion)
	setDefault(&o.WorkerVersion, DefaultVersion)
	setDefault(&o.RESTScheme, HTTP)
	setDefault(&o.GroupID, "connect-"+randomHex(4))
	if o.Workers == NoWorkers {
		o.Workers = 0
	}
	if len(o.Users) == 0 {
		o.Users = []User{{Name: "client", Password: "client-secret"}}
	}
	if o.Log == nil {
		o.Log = io.Discard
	}
	o.BrokerProperties = maps.Clone(o.BrokerProperties)
	o.WorkerProperties = maps.Clone(o.WorkerProperties)
	return o, o.validate()
}

func (o Options) validate() error {
	switch {
	case o.Brokers < 0:
		return fmt.Errorf("options: %d brokers", o.Brokers)
	case o.Workers < 0:
		return fmt.Errorf("options: %d workers", o.Workers)
	case o.RESTScheme != HTTP && o.RESTScheme != HTTPS && o.RESTScheme != MutualTLS:
		return fmt.Errorf("options: unknown REST scheme %q", o.RESTScheme)
	}
	for _, v := range []string{o.BrokerVersion, o.WorkerVersion} {
		if !versionPattern.MatchString(v) {
			return fmt.Errorf("options: %q is not a version such as %s", v, DefaultVersion)
		}
	}
	if tooOldBroker.MatchString(o.BrokerVersion) {
		return fmt.Errorf("options: brokers of version %s are too old: 2.8 is the oldest that the stack can run", o.BrokerVersion)
	}
	for _, u := range o.Users {
		if !userPattern.MatchString(u.Name) {
			return fmt.Errorf("options: user name %q may contain only letters, digits, _, . and -", u.Name)
		}
	}
	return nil
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// randomHex returns n random bytes in hexadecimal digits.
func randomHex(n int) string {
	b := make([]byte, n)
	rand.Read(b) // never fails
	return hex.EncodeToString(b)
}
