package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Distribution describes a folder with the files of a Kafka release that the guides use. It replaces the download of a release
// where Maven is at hand.
type Distribution struct {
	Folder                     string // to create
	Version                    string // default [DefaultVersion]
	BrokerPort, ControllerPort int    // default 9092 and 9093, as in a release
	Log                        io.Writer
}

// scripts are the programs of a release by name. The first verb is the folder of the broker's jars, the second one that of the
// worker's jars.
var scripts = map[string]string{
	"kafka-storage.sh":      "exec java $options -cp '%[1]s/*' kafka.tools.StorageTool \"$@\"\n",
	"kafka-server-start.sh": daemon + "exec java -Xmx512m $options -cp '%[1]s/*' kafka.Kafka \"$@\"\n",
	"kafka-server-stop.sh":  "kill \"$(cat \"$home/logs/kafka-server-start.pid\")\"\n",
	"connect-distributed.sh": daemon + workerClassPath +
		"exec java -Xmx384m $options -cp \"$path\" org.apache.kafka.connect.cli.ConnectDistributed \"$@\"\n",
	"connect-standalone.sh": daemon + workerClassPath +
		"exec java -Xmx384m $options -cp \"$path\" org.apache.kafka.connect.cli.ConnectStandalone \"$@\"\n",
}

const (
	// head begins each script. "$home" is the folder of the release.
	head = `#!/bin/sh
# Written by this project. It does what the script of the same name in a release of Apache Kafka does.
home=$(cd "$(dirname "$0")/.." && pwd)
options="-Dlog4j2.configurationFile=$home/config/log4j2.properties"
`
	// daemon starts a script again in the background.
	daemon = `if [ "$1" = -daemon ]; then
  shift
  mkdir -p "$home/logs"
  log=$home/logs/$(basename "$0" .sh)
  nohup "$0" "$@" >"$log.log" 2>&1 </dev/null &
  echo $! >"$log.pid"
  exit
fi
`
	// workerClassPath is without the file connectors, as in a release: a worker finds them by its plugin.path.
	workerClassPath = `path=
for jar in '%[2]s'/*.jar; do
  case $jar in */connect-file-*) ;; *) path=$path:$jar ;; esac
done
`
)

// Write creates the folder.
func (d Distribution) Write(ctx context.Context) error {
	setDefault(&d.Version, DefaultVersion)
	setDefault(&d.BrokerPort, 9092)
	setDefault(&d.ControllerPort, 9093)
	if d.Log == nil {
		d.Log = io.Discard
	}
	folder, err := filepath.Abs(d.Folder)
	if err != nil {
		return err
	}
	broker, err := install(ctx, brokerComponent, d.Version, d.Log)
	if err != nil {
		return err
	}
	worker, err := install(ctx, workerComponent, d.Version, d.Log)
	if err != nil {
		return err
	}
	if err := os.Mkdir(folder, 0o755); err != nil {
		return err
	}
	for _, name := range []string{"bin", "config", "libs"} {
		err = errors.Join(err, os.Mkdir(filepath.Join(folder, name), 0o755))
	}
	for name, script := range scripts {
		text := head + strings.NewReplacer("%[1]s", broker, "%[2]s", worker).Replace(script)
		err = errors.Join(err, os.WriteFile(filepath.Join(folder, "bin", name), []byte(text), 0o755))
	}
	plugin := fmt.Sprintf("connect-file-%s.jar", pluginVersion(d.Version))
	return errors.Join(err,
		os.Symlink(filepath.Join(worker, plugin), filepath.Join(folder, "libs", plugin)),
		os.WriteFile(filepath.Join(folder, "config", "log4j2.properties"), []byte(log4j2Settings), 0o600),
		writeProperties(filepath.Join(folder, "config", "server.properties"), map[string]string{
			"process.roles":                            "broker,controller",
			"node.id":                                  "1",
			"controller.quorum.bootstrap.servers":      fmt.Sprintf("localhost:%d", d.ControllerPort),
			"listeners":                                fmt.Sprintf("PLAINTEXT://localhost:%d,CONTROLLER://localhost:%d", d.BrokerPort, d.ControllerPort),
			"controller.listener.names":                "CONTROLLER",
			"offsets.topic.replication.factor":         "1",
			"transaction.state.log.replication.factor": "1",
			"transaction.state.log.min.isr":            "1",
			"group.initial.rebalance.delay.ms":         "0",
			"log.dirs":                                 filepath.Join(folder, "data"),
		}),
	)
}
