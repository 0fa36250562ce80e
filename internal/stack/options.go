package stack

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"regexp"
)

// DefaultVersion is the version of Kafka and of Kafka Connect that runs unless the options name another.
const DefaultVersion = "4.1.0"

// NoWorkers is the value of [Options.Workers] for a stack of brokers alone.
const NoWorkers = -1

// RESTScheme says how the workers of a stack serve their REST API.
type RESTScheme string

const (
	// HTTP is plain http, the default.
	HTTP RESTScheme = "http"
	// HTTPS is https with a certificate of the stack's own authority.
	HTTPS RESTScheme = "https"
	// MutualTLS is https that refuses clients without a certificate of the stack's own authority.
	MutualTLS RESTScheme = "mtls"
)

// Options describes a stack. The zero value is one broker and one worker of [DefaultVersion], without security.
type Options struct {
	Brokers int // number of brokers, each also a controller; default 1
	Workers int // number of distributed workers of one group; default 1, [NoWorkers] for none

	BrokerVersion string // default [DefaultVersion]; 3.3 and later
	WorkerVersion string // default [DefaultVersion]; 2.8 and later

	// BrokerProperties and WorkerProperties add to, or override, what the stack sets itself.
	BrokerProperties map[string]string
	WorkerProperties map[string]string

	// PluginPath lists folders with connector plugins. The file and mirror connectors, converters and
	// transforms of Apache Kafka are there without it.
	PluginPath []string

	// SASLSSL adds two listeners to every broker: SASL_SSL, which takes the Users by PLAIN, SCRAM-SHA-256
	// and SCRAM-SHA-512, and SSL, which requires a client certificate. See [Stack.BootstrapSASL] and [Stack.BootstrapMTLS].
	SASLSSL bool

	// Users are the users of the SASL_SSL listener; default one, "client". The first is a super user, should
	// BrokerProperties switch an authorizer on; the others then start without any right.
	Users []User

	// RESTScheme is how workers serve their REST API; default [HTTP].
	RESTScheme RESTScheme

	// RESTUser, when it has a name, is the only user whom the workers let in, by basic authentication.
	RESTUser User

	GroupID string // group.id of the workers and prefix of their internal topics; default unique

	// StateFile, when set, makes a stack that outlives this process and is described in this file, for [Attach].
	StateFile string

	// Log takes progress, such as that of the first download; default none.
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

// versionPattern also keeps a version usable as the name of a folder and in a pom.xml.
var versionPattern = regexp.MustCompile(`^\d+\.\d+\.\d+$`)

// tooOldBroker matches the versions before KRaft was ready to use.
var tooOldBroker = regexp.MustCompile(`^([0-2]\.|3\.[0-2]\.)`)

// userPattern is what Kafka's PLAIN login module can have behind "user_" as the name of an option.
var userPattern = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)

// withDefaults returns the options with every default filled in, or an error that names the option at fault.
func (o Options) withDefaults() (Options, error) {
	setDefault(&o.Brokers, 1)
	setDefault(&o.Workers, 1)
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
		return fmt.Errorf("options: a broker of version %s is too old to run without ZooKeeper", o.BrokerVersion)
	}
	for _, u := range o.Users {
		if !userPattern.MatchString(u.Name) {
			return fmt.Errorf("options: user name %q: only letters, digits and _ . - are possible", u.Name)
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
