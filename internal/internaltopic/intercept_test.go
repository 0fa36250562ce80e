package internaltopic

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"reflect"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kbin"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/kafkaclient"
)

// interceptor passes the requests of a client on to a real broker, and disturbs those of one kind.
type interceptor struct {
	mu     sync.Mutex
	fault  fault
	met    int  // How many requests met the fault.
	alters bool // The broker has received a change of settings.
	down   bool // No connection works.
	open   map[net.Conn]bool
}

// fault is what happens to requests of one kind.
type fault struct {
	kind kmsg.Key
	// refuse is the error that the client gets, in place of the broker's answer. If it is nil, the connection breaks: before
	// the broker receives the request if unsent is set, else before the client gets the answer.
	refuse *kerr.Error
	unsent bool
	// times is how many requests meet the fault; forever for all of them.
	times int
}

const forever = -1

// intercepted returns a client whose connections can be disturbed.
func intercepted(t testing.TB, bootstrap string) (*Client, *interceptor) {
	t.Helper()
	i := &interceptor{open: map[net.Conn]bool{}}
	c, err := New(kafkaclient.Config{BootstrapServers: []string{bootstrap}, RequestTimeout: interceptedTimeout, Dial: i.dial})
	if err != nil {
		t.Fatal(err)
	}
	c.lockSession, c.leaveWait, c.startFloor = 3*time.Second, testLeaveWait, testStartFloor // heartbeats are part of the test
	t.Cleanup(c.Close)
	return c, i
}

// arm makes the next requests meet the fault.
func (i *interceptor) arm(f fault) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.fault = f
}

// cut breaks all connections, and lets no other one open.
func (i *interceptor) cut() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.down = true
	i.met++
	for conn := range i.open {
		_ = conn.Close()
	}
}

// count counts a fault that the interceptor has no part in.
func (i *interceptor) count() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.met++
}

// meetings returns how many requests met the fault.
func (i *interceptor) meetings() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.met
}

// altered reports whether the broker has received a change of settings, beside those that it only validates.
func (i *interceptor) altered() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.alters
}

func (i *interceptor) dial(ctx context.Context, network, address string) (net.Conn, error) {
	var dialer net.Dialer
	broker, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	client, inside, err := socketPair(ctx)
	if err != nil {
		return nil, err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.down {
		_, _, _ = client.Close(), inside.Close(), broker.Close()
		return nil, &net.OpError{Op: "dial", Net: network, Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	}
	i.open[inside] = true
	go i.serve(inside, broker)
	return client, nil
}

// socketPair returns the two ends of a connection. Errors of a socket, unlike those of a pipe, are those that the client
// gets from a real broker.
func socketPair(ctx context.Context) (client, server net.Conn, err error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	defer l.Close()
	var dialer net.Dialer
	if client, err = dialer.DialContext(ctx, "tcp", l.Addr().String()); err != nil {
		return nil, nil, err
	}
	server, err = l.Accept()
	return client, server, err
}

// answer is what the client gets for one request. Answers have the order of their requests.
type answer struct {
	frame  []byte                    // Nil for the broker's answer.
	change func(frame []byte) []byte // Changes the broker's answer, unless it is nil.
	lost   bool                      // The connection breaks in place of the broker's answer.
	unsent bool                      // The connection breaks before the request reaches the broker.
}

func (i *interceptor) serve(client, broker net.Conn) {
	answers := make(chan answer, 1000)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer broker.Close()
		defer client.Close()
		for a := range answers {
			frame, err := a.frame, error(nil)
			if frame == nil {
				frame, err = readFrame(broker)
			}
			if err != nil || a.lost {
				return
			}
			if a.change != nil {
				frame = a.change(frame)
			}
			if _, err := client.Write(frame); err != nil {
				return
			}
		}
	}()
	for {
		frame, err := readFrame(client)
		if err != nil {
			break
		}
		a := i.answer(frame)
		if a.unsent {
			break
		}
		answers <- a
		if a.frame == nil {
			if _, err := broker.Write(frame); err != nil {
				break
			}
		}
	}
	close(answers)
	_, _ = broker.Close(), client.Close()
	<-done
	i.mu.Lock()
	defer i.mu.Unlock()
	delete(i.open, client)
}

// readFrame reads a request or an answer, with its size in front.
func readFrame(r io.Reader) ([]byte, error) {
	size := make([]byte, 4)
	if _, err := io.ReadFull(r, size); err != nil {
		return nil, err
	}
	frame := bytes.NewBuffer(size)
	_, err := io.CopyN(frame, r, int64(binary.BigEndian.Uint32(size)))
	return frame.Bytes(), err
}

// answer decides what a request meets.
func (i *interceptor) answer(frame []byte) answer {
	req, correlation, err := parseRequest(frame)
	if err != nil {
		panic(fmt.Sprintf("parse a request: %v", err))
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	f := &i.fault
	meets := f.times != 0 && req.Key() == int16(f.kind)
	alter, alters := req.(*kmsg.IncrementalAlterConfigsRequest)
	if alters && !alter.ValidateOnly && (!meets || f.refuse == nil && !f.unsent) {
		i.alters = true
	}
	if !meets {
		return answer{}
	}
	i.met++
	if f.times > 0 {
		f.times--
	}
	switch {
	case f.refuse == nil:
		return answer{lost: true, unsent: f.unsent}
	case f.kind == kmsg.Metadata:
		return answer{change: refuseTopics(req.ResponseKind(), correlation, f.refuse.Code)}
	}
	resp := req.ResponseKind()
	setError(reflect.ValueOf(resp).Elem(), reflect.ValueOf(req).Elem(), f.refuse.Code)
	return answer{frame: frameOf(resp, correlation)}
}

// refuseTopics returns a function that changes the broker's answer to a metadata request, which clients need for its
// list of brokers: each topic has the error.
func refuseTopics(resp kmsg.Response, correlation int32, code int16) func([]byte) []byte {
	return func(frame []byte) []byte {
		if err := resp.ReadFrom(frame[4+headerSize(resp):]); err != nil {
			panic(fmt.Sprintf("parse the metadata: %v", err))
		}
		metadata := resp.(*kmsg.MetadataResponse)
		for n := range metadata.Topics {
			metadata.Topics[n].ErrorCode, metadata.Topics[n].Partitions = code, nil
		}
		return frameOf(resp, correlation)
	}
}

// parseRequest parses a frame: size, api key, version, correlation id, client id, tags if the version is flexible, body.
func parseRequest(frame []byte) (req kmsg.Request, correlation int32, err error) {
	r := kbin.Reader{Src: frame[4:]}
	req = kmsg.RequestForKey(r.Int16())
	req.SetVersion(r.Int16())
	correlation = r.Int32()
	r.NullableString()
	if req.IsFlexible() {
		kmsg.SkipTags(&r)
	}
	if err := r.Complete(); err != nil {
		return nil, 0, err
	}
	return req, correlation, req.ReadFrom(r.Src)
}

// headerSize returns the size of an answer's header: the correlation id, and no tags if the version is flexible.
func headerSize(resp kmsg.Response) int {
	if resp.IsFlexible() && resp.Key() != int16(kmsg.ApiVersions) {
		return 5
	}
	return 4
}

func frameOf(resp kmsg.Response, correlation int32) []byte {
	body := resp.AppendTo(make([]byte, 4+headerSize(resp)))
	binary.BigEndian.PutUint32(body, uint32(len(body)-4))
	binary.BigEndian.PutUint32(body[4:], uint32(correlation))
	return body
}

// setError makes an answer refuse each object of a request. Both have the same structure: the names of topics and
// partitions are copied, and the error code is set on the innermost objects that have one. It reports whether it set any.
func setError(resp, req reflect.Value, code int16) (set bool) {
	for n := range req.NumField() {
		from, to := req.Field(n), resp.FieldByName(req.Type().Field(n).Name)
		switch {
		case !to.IsValid():
		case from.Type() == to.Type():
			to.Set(from)
		case from.Kind() == reflect.Slice && to.Kind() == reflect.Slice && from.Type().Elem().Kind() == reflect.Struct:
			for k := range from.Len() {
				object := reflect.New(to.Type().Elem())
				object.MethodByName("Default").Call(nil)
				set = setError(object.Elem(), from.Index(k), code) || set
				to.Set(reflect.Append(to, object.Elem()))
			}
		}
	}
	if field := resp.FieldByName("ErrorCode"); field.IsValid() && !set {
		field.SetInt(int64(code))
		set = true
	}
	return set
}
