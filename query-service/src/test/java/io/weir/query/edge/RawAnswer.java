package io.weir.query.edge;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * An answer as it is on the wire, its chunks put together.
 *
 * @param status of HTTP
 * @param headers by name in lower case
 * @param body what came, up to the end or to where it was broken off
 * @param complete whether the last chunk came
 * @param trailers behind the last chunk, by name in lower case
 */
record RawAnswer(int status, Map<String, String> headers, byte[] body, boolean complete, Map<String, String> trailers) {

    /** A connection on which answers are read one after the other. */
    static final class Connection implements AutoCloseable {

        private final Socket socket;
        private final InputStream in;

        Connection(int port) throws IOException {
            socket = new Socket("localhost", port);
            socket.setSoTimeout(60_000); // a starved machine is slow, not silent for ever
            in = new BufferedInputStream(socket.getInputStream());
        }

        /** Asks with {@code GET} for {@code path} with those query parameters, name and value in turn. */
        RawAnswer get(String path, String headers, String... parameters) throws IOException {
            ask(path, headers, parameters);
            return read();
        }

        void ask(String path, String headers, String... parameters) throws IOException {
            StringBuilder target = new StringBuilder(path);
            for (int i = 0; i < parameters.length; i += 2) {
                target.append(i == 0 ? '?' : '&').append(parameters[i]).append('=');
                target.append(URLEncoder.encode(parameters[i + 1], StandardCharsets.UTF_8));
            }
            String request = "GET " + target + " HTTP/1.1\r\nHost: x\r\nX-Request-Id: test\r\n" + headers + "\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        }

        InputStream in() {
            return in;
        }

        RawAnswer read() throws IOException {
            int status = Integer.parseInt(line().split(" ")[1]);
            Map<String, String> headers = fields();
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            if (!"chunked".equals(headers.get("transfer-encoding"))) {
                body.writeBytes(in.readNBytes(Integer.parseInt(headers.getOrDefault("content-length", "0"))));
                return new RawAnswer(status, headers, body.toByteArray(), true, Map.of());
            }
            try {
                while (true) {
                    String size = line();
                    if (size.isEmpty()) {
                        return new RawAnswer(status, headers, body.toByteArray(), false, Map.of());
                    }
                    int length = Integer.parseInt(size, 16);
                    if (length == 0) {
                        return new RawAnswer(status, headers, body.toByteArray(), true, fields());
                    }
                    body.writeBytes(in.readNBytes(length));
                    line();
                }
            } catch (SocketException reset) {
                return new RawAnswer(status, headers, body.toByteArray(), false, Map.of());
            }
        }

        private Map<String, String> fields() throws IOException {
            Map<String, String> fields = new LinkedHashMap<>();
            for (String line = line(); !line.isEmpty(); line = line()) {
                int colon = line.indexOf(':');
                fields.put(
                        line.substring(0, colon).toLowerCase(Locale.ROOT),
                        line.substring(colon + 1).trim());
            }
            return fields;
        }

        /** The next line; empty at the end of the connection. */
        private String line() throws IOException {
            StringBuilder line = new StringBuilder();
            for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
                line.append((char) b);
            }
            return line.toString().trim();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    String text() {
        return new String(body, StandardCharsets.UTF_8);
    }
}
