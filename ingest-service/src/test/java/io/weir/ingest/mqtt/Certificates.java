package io.weir.ingest.mqtt;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** An authority of our own and what it signed, as PEM files; made by the JDK's keytool. */
record Certificates(Path authority, Path serverCertificate, Path serverKey, Path clientCertificate, Path clientKey) {

    private static final String PASSWORD = "changeit";

    static Certificates make(Path directory) throws IOException, GeneralSecurityException {
        Path store = directory.resolve("keys.p12");
        keytool(store, "-genkeypair", "-alias", "ca", "-dname", "CN=Test authority", "-ext", "bc=ca:true");
        for (String name : List.of("server", "client")) {
            String host = name.equals("server") ? "localhost" : name;
            keytool(
                    store,
                    "-genkeypair",
                    "-alias",
                    name,
                    "-dname",
                    "CN=" + host,
                    "-signer",
                    "ca",
                    "-ext",
                    "san=dns:" + host);
        }
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        return new Certificates(
                certificate(directory, keys, "ca"),
                certificate(directory, keys, "server"),
                key(directory, keys, "server"),
                certificate(directory, keys, "client"),
                key(directory, keys, "client"));
    }

    private static void keytool(Path store, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments));
        command.addAll(List.of("-keyalg", "EC", "-groupname", "secp256r1", "-validity", "2", "-storetype", "PKCS12"));
        command.addAll(List.of("-keystore", store.toString(), "-storepass", PASSWORD));
        Process tool = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (tool.waitFor() != 0) {
                throw new IOException("keytool failed: " + output);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    private static Path certificate(Path directory, KeyStore keys, String name)
            throws IOException, GeneralSecurityException {
        Certificate certificate = keys.getCertificate(name);
        return pem(directory.resolve(name + ".crt"), "CERTIFICATE", certificate.getEncoded());
    }

    private static Path key(Path directory, KeyStore keys, String name) throws IOException, GeneralSecurityException {
        byte[] encoded = keys.getKey(name, PASSWORD.toCharArray()).getEncoded();
        return pem(directory.resolve(name + ".key"), "PRIVATE KEY", encoded);
    }

    private static Path pem(Path file, String kind, byte[] encoded) throws IOException {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded);
        return Files.writeString(file, "-----BEGIN " + kind + "-----\n" + body + "\n-----END " + kind + "-----\n");
    }
}
