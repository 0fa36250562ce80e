package org.example.connect;

import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.apache.kafka.common.utils.Exit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.thread.ShutdownThread;
import sun.misc.Signal;

/**
 * Runs the main class of a Kafka Connect worker, named by the first argument, and stops that worker on SIGTERM.
 *
 * <p>In a plain worker two shutdown hooks run at the same time: Kafka Connect's stops the REST server and then the
 * connectors, Jetty's stops the same REST server. Each waits up to a minute for requests in flight, one after the other.
 * A request waits up to 90 seconds for the herder, which stops only after the REST server. If a request outlasts the
 * minute, Kafka Connect's hook fails and does not stop the herder at all.
 *
 * <p>Here the JVM's hooks do not run on SIGTERM. The REST server gets a few seconds for its requests, then Kafka
 * Connect's hook runs alone. The JVM halts when the hook ends, or after a time limit.
 */
public final class StackWorker {
    private static final long REQUESTS_MILLIS = 3_000;
    private static final long STOP_MILLIS = 30_000;

    /** The exit code of a process that SIGTERM ended. */
    private static final int TERMINATED = 128 + 15;

    /** Kafka Connect's shutdown hook, or null while the worker is still reading its configuration. */
    private static volatile Runnable hook;

    public static void main(String[] args) throws Throwable {
        if (System.getProperty("stack.store") != null) {
            writeStore(Path.of(System.getProperty("stack.pem")), Path.of(System.getProperty("stack.store")),
                System.getProperty("stack.password").toCharArray());
        }
        Exit.setShutdownHookAdder((name, runnable) -> hook = runnable);
        Thread stopper = new Thread(StackWorker::stop, "stopper");
        stopper.setDaemon(true);
        Signal.handle(new Signal("TERM"), signal -> {
            stopper.start();
            try {
                stopper.join(STOP_MILLIS);
            } catch (InterruptedException e) {
                e.printStackTrace();
            }
            if (stopper.isAlive()) {
                System.out.println("The worker did not stop in " + STOP_MILLIS + " ms. It halts.");
            }
            Runtime.getRuntime().halt(TERMINATED);
        });
        Class.forName(args[0]).getMethod("main", String[].class)
            .invoke(null, (Object) Arrays.copyOfRange(args, 1, args.length));
    }

    private static void stop() {
        try {
            stopServers();
            if (hook != null) {
                hook.run();
            }
        } catch (Throwable e) {
            e.printStackTrace();
        }
    }

    /** Stops the servers that Jetty's shutdown hook would stop. Afterwards Kafka Connect finds nothing to wait for. */
    private static void stopServers() throws ReflectiveOperationException {
        Field servers = ShutdownThread.class.getDeclaredField("_lifeCycles");
        servers.setAccessible(true);
        for (Object server : (List<?>) servers.get(ShutdownThread.getInstance())) {
            stopServer((Server) server);
        }
    }

    private static void stopServer(Server server) {
        server.setStopTimeout(REQUESTS_MILLIS);
        try {
            server.stop();
        } catch (Exception e) {
            System.out.println("Requests were still in flight: " + e);
        }
        server.setStopTimeout(0);
    }

    /** Jetty reads no PEM, so the key, its certificate and the authority's become a PKCS#12 store. */
    private static void writeStore(Path pem, Path file, char[] password) throws Exception {
        String text = Files.readString(pem);
        String key = text.replaceAll("(?s).*-----BEGIN PRIVATE KEY-----(.*)-----END PRIVATE KEY-----.*", "$1");
        Key decoded = KeyFactory.getInstance("EC")
            .generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(key)));
        byte[] certificates = text.substring(text.indexOf("-----BEGIN CERTIFICATE")).getBytes(StandardCharsets.US_ASCII);
        Certificate[] chain = CertificateFactory.getInstance("X.509")
            .generateCertificates(new ByteArrayInputStream(certificates)).toArray(new Certificate[0]);

        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("server", decoded, password, chain);
        store.setCertificateEntry("authority", chain[chain.length - 1]);
        try (OutputStream out = Files.newOutputStream(file)) {
            store.store(out, password);
        }
    }
}
