package connectclient

import "errors"

// What an answer means. Ask with errors.Is; [Error] has the details.
var (
	ErrNotFound      = errors.New("not found")             // the worker says that this connector, task or plugin is not there
	ErrNoStatus      = errors.New("no status yet")         // the connector has no status, as is normal right after its creation
	ErrExists        = errors.New("already exists")        // a connector of this name exists, with another configuration
	ErrInvalid       = errors.New("invalid")               // the worker refuses the configuration: see [Error.Problems]
	ErrUnauthorized  = errors.New("not authenticated")     // 401
	ErrForbidden     = errors.New("not allowed")           // 403
	ErrUnsupported   = errors.New("not supported")         // the worker is too old, or the URL's base path is wrong
	ErrRebalancing   = errors.New("group is rebalancing")  // passes; retried
	ErrStale         = errors.New("stale configuration")   // passes; retried
	ErrNoLeader      = errors.New("no known leader")       // mostly passes; retried
	ErrStarting      = errors.New("worker is starting")    // passes; retried
	ErrUnavailable   = errors.New("worker is unavailable") // no connection, or 502, 503 or 504; retried
	ErrIndeterminate = errors.New("outcome is not known")  // a write whose answer was lost may have been carried out
)

// Error is a request that did not succeed. It prints no secrets: not the client's credentials, and
// not the values of [WithSecrets].
type Error struct {
	Method  string
	Host    string // the worker, as host:port
	Path    string // the escaped path, without the URL's base path and without the query
	Status  int    // 0 if no answer came
	Code    int    // error_code of the worker's answer, 0 if it had none
	Message string // what the worker said, or what is known of why it said nothing

	// Problems is what is wrong with a configuration, for [ErrInvalid].
	Problems []Problem
}

// Problem is one thing that is wrong with a configuration.
type Problem struct {
	Key     string // empty if the worker does not say which
	Message string
}

func (e *Error) Error() string { return e.Message }
