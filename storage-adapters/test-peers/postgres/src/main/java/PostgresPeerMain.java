import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;

/**
 * Runs a PostgreSQL until its standard input ends, so that the server goes with the process that started it, however that
 * ends. It knows the user {@code weir} with the password {@code weir-secret}, who owns the database {@code weir}.
 * Run as a source file; arguments: port, directory of unpacked programs, directory of data.
 */
final class PostgresPeerMain {

    private PostgresPeerMain() {}

    public static void main(String[] arguments) throws Exception {
        EmbeddedPostgres server = EmbeddedPostgres.builder()
                .setPort(Integer.parseInt(arguments[0]))
                .setOverrideWorkingDirectory(new File(arguments[1]))
                .setDataDirectory(new File(arguments[2]))
                .setCleanDataDirectory(true)
                .setServerConfig("max_connections", "200")
                .setDataDirectoryCustomizer(PostgresPeerMain::askForPassword)
                .start();
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE ROLE weir LOGIN PASSWORD 'weir-secret'");
            statement.execute("CREATE DATABASE weir OWNER weir");
        }
        System.out.println("ready");
        while (System.in.read() >= 0) {
            // Nothing is said to it.
        }
        server.close();
    }

    /** Everybody else is trusted, for the checks of the library that starts the server. */
    private static void askForPassword(File data) {
        try {
            Path rules = data.toPath().resolve("pg_hba.conf");
            Files.writeString(rules, "host all weir 127.0.0.1/32 scram-sha-256\n" + Files.readString(rules));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
