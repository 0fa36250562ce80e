package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// ZooKeeper is the ZooKeeper server of brokers that are too old for KRaft. It runs on the jars of the brokers.
type ZooKeeper struct {
	Process

	Address string `json:"address"` // host:port for the brokers
}

// newZooKeeper creates the server with its folder, port and files.
func (s *Stack) newZooKeeper(jars string) (*ZooKeeper, error) {
	process, err := s.newProcess("zookeeper")
	if err != nil {
		return nil, err
	}
	port, err := s.ports.take()
	if err != nil {
		return nil, fmt.Errorf("port for %s: %w", process.Name, err)
	}
	z := &ZooKeeper{Process: process, Address: fmt.Sprintf("%s:%d", loopback, port)}
	z.ready = z.ping
	file := filepath.Join(z.Folder, "zookeeper.properties")
	err = writeProperties(file, map[string]string{
		"dataDir":                 filepath.Join(z.Folder, "data"),
		"clientPort":              strconv.Itoa(port),
		"clientPortAddress":       loopback,
		"maxClientCnxns":          "0", // unlimited
		"admin.enableServer":      "false",
		"tickTime":                "500", // a session lasts at least two ticks, and at most twenty
		"4lw.commands.whitelist":  "srvr,dump",
		"forceSync":               "no", // a test needs no data that survives a crash of the machine
		"preAllocSize":            "1024",
		"autopurge.purgeInterval": "0",
	})
	if err != nil {
		return nil, err
	}
	options := []string{"-Dzookeeper.jmx.log4j.disable=true", "-cp", classPath(jars), "org.apache.zookeeper.server.quorum.QuorumPeerMain"}
	z.Command, err = s.javaCommand("128m", options, []string{file})
	return z, err
}

// zooKeeperProperties returns the properties of a broker that registers in ZooKeeper.
func (s *Stack) zooKeeperProperties(broker *Broker) map[string]string {
	return map[string]string{
		"broker.id":                    strconv.Itoa(broker.ID),
		"zookeeper.connect":            s.ZooKeeper.Address,
		"zookeeper.session.timeout.ms": sessionMillis,
	}
}

// ping succeeds when the server serves requests.
func (z *ZooKeeper) ping(ctx context.Context) error {
	answer, err := z.command(ctx, "srvr")
	if err == nil && !strings.HasPrefix(answer, "Zookeeper version") {
		err = fmt.Errorf("srvr answered %q", answer)
	}
	return err
}

// command sends a command of four letters and returns the answer.
func (z *ZooKeeper) command(ctx context.Context, letters string) (string, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", z.Address)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return "", err
		}
	}
	if _, err := io.WriteString(conn, letters); err != nil {
		return "", err
	}
	answer, err := io.ReadAll(conn)
	return string(answer), err
}

// waitExpired waits until the broker's previous session has ended: a broker ends at once if its id is still registered.
// It returns at once if ZooKeeper does not run, because the broker then waits for it.
func (z *ZooKeeper) waitExpired(ctx context.Context, id int) error {
	node := fmt.Sprintf("\t/brokers/ids/%d\n", id)
	for z.Running() {
		limited, cancel := context.WithTimeout(ctx, askLimit)
		answer, err := z.command(limited, "dump")
		cancel()
		if err == nil && !strings.Contains(answer, node) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for the end of the previous session of broker %d: %w", id, errors.Join(ctx.Err(), err))
		case <-time.After(pollInterval):
		}
	}
	return nil
}
