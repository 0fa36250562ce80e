import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Properties;
import java.util.TreeMap;

/**
 * Answers, one line a question, what java.util.Properties does. Texts are in base 64.
 *
 * load FILE           -> "ok" and the keys and values read, sorted by key, or "error"
 * store KEY VALUE ... -> "ok" and the file that Properties.store writes
 */
class PropertiesOracle {
    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.US_ASCII);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split(" ", -1);
            out.println(words[0].equals("load") ? load(words) : store(words));
        }
        out.flush();
    }

    private static String load(String[] words) throws Exception {
        Properties properties = new Properties() {
            @Override
            public synchronized Object put(Object key, Object value) {
                if (!isText((String) key) || !isText((String) value)) {
                    throw new IllegalArgumentException("half a surrogate pair: no text in UTF-8");
                }
                return super.put(key, value);
            }
        };
        try {
            properties.load(new ByteArrayInputStream(Base64.getDecoder().decode(words[1])));
        } catch (IllegalArgumentException e) {
            return "error";
        }
        StringBuilder answer = new StringBuilder("ok");
        for (var entry : new TreeMap<Object, Object>(properties).entrySet()) {
            answer.append(' ').append(encode((String) entry.getKey()))
                .append(' ').append(encode((String) entry.getValue()));
        }
        return answer.toString();
    }

    private static String store(String[] words) throws Exception {
        Properties properties = new Properties();
        for (int i = 1; i < words.length; i += 2) {
            properties.setProperty(decode(words[i]), decode(words[i + 1]));
        }
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        properties.store(file, "a comment\nof two lines");
        return "ok " + Base64.getEncoder().encodeToString(file.toByteArray());
    }

    private static boolean isText(String text) {
        return StandardCharsets.UTF_8.newEncoder().canEncode(text);
    }

    private static String encode(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String decode(String word) {
        return new String(Base64.getDecoder().decode(word), StandardCharsets.UTF_8);
    }
}
