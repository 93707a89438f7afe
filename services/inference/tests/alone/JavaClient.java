// Asks a pod by java.net.http.HttpClient with all its defaults: URL ROW.json LARGE.json

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;

public class JavaClient {
    public static void main(String[] args) throws Exception {
        String row = Files.readString(Path.of(args[1]));
        // a client of its own for each: it offers an upgrade until a server has declined
        post(args[0], "/predict", BodyPublishers.ofString(row));
        post(args[0], "/predict?model_name=diabetes130", BodyPublishers.ofString(row));
        post(args[0], "/predict_batch", BodyPublishers.ofString("[" + row + "]"));
        tell("/health", HttpClient.newHttpClient(), request(args[0], "/health").GET().build());
        post(args[0], "/predict_batch", BodyPublishers.ofFile(Path.of(args[2])));
    }

    static HttpRequest.Builder request(String url, String path) {
        return HttpRequest.newBuilder(URI.create(url + path));
    }

    static void post(String url, String path, BodyPublisher body) throws Exception {
        HttpRequest.Builder builder = request(url, path).header("Content-Type", "application/json");
        tell(path, HttpClient.newHttpClient(), builder.POST(body).build());
    }

    static void tell(String path, HttpClient client, HttpRequest request) throws Exception {
        HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
        String pod = answer.headers().firstValue("x-relevo-pod").orElse("none");
        System.out.println(path + " " + answer.statusCode() + " " + pod + " " + answer.body());
    }
}
