using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Koubou.LocalHosting.Servers;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting
{
    /// <summary>
    /// Redis: the one of <c>ConnectionStrings:{name}</c>, else the <c>redis-server</c> of the PATH, run with the workshop;
    /// else one that already runs at <c>localhost:6379</c>.
    /// </summary>
    public static class RedisBuilderExtensions
    {
        /// <summary>The server of <c>ConnectionStrings:{name}</c>, or one that starts and ends with the workshop.</summary>
        public static IResourceBuilder<RedisResource> AddRedis(this IDistributedApplicationBuilder builder, string name)
        {
            if (builder.Configuration.GetConnectionString(name) is { Length: > 0 } address)
            {
                return builder.AddResource(new RedisResource(name, () => address));
            }

            if (ProgramPath.Find("redis-server") is not { } program)
            {
                return builder.AddResource(new RedisResource(name, () => "localhost:6379"));
            }

            RedisResource? resource = null;
            resource = new RedisResource(name, () => $"localhost:{new EndpointReference(resource!, "tcp").Port}");
            resource.Annotations.Add(new EndpointAnnotation("tcp") { UriScheme = "tcp" });
            var endpoint = new EndpointReference(resource, "tcp");
            resource.Annotations.Add(new TcpHealthCheckAnnotation(endpoint, "PING\r\n", "+PONG"));
            resource.Annotations.Add(new ProgramAnnotation(program, () => Arguments(builder, endpoint.Port)));
            return builder.AddResource(resource);
        }

        /// <summary>Its data stays in the workshop's home, or where its own configuration says.</summary>
        public static IResourceBuilder<RedisResource> WithDataVolume(this IResourceBuilder<RedisResource> builder) =>
            builder;

        /// <summary>It is run with an append-only file; one that already runs keeps its own configuration.</summary>
        public static IResourceBuilder<RedisResource> WithPersistence(this IResourceBuilder<RedisResource> builder) =>
            builder;

        // On disk before each answer, as with SQLite: what was answered survives a power cut.
        private static List<string> Arguments(IDistributedApplicationBuilder builder, int port)
        {
            var folder = ServerFolder.Create(builder, "redis");
            return
            [
                "--bind", "127.0.0.1", "--port", port.ToString(CultureInfo.InvariantCulture), "--dir", folder,
                "--appendonly", "yes", "--appendfsync", "always", "--save", "", "--maxmemory-policy", "noeviction",
                "--loglevel", "warning",
            ];
        }
    }

    /// <summary>Ollama: one that already runs here, by default at <c>http://localhost:11434</c>.</summary>
    public static class OllamaResourceBuilderExtensions
    {
        /// <summary>The server of <c>ConnectionStrings:{name}</c>, such as <c>Endpoint=http://localhost:11434</c>.</summary>
        public static IResourceBuilder<OllamaResource> AddOllama(
            this IDistributedApplicationBuilder builder, string name) =>
            builder.AddResource(new OllamaResource(name, () =>
                builder.Configuration.GetConnectionString(name) ?? "Endpoint=http://localhost:11434"));

        /// <summary>Its models stay where its own configuration says.</summary>
        public static IResourceBuilder<OllamaResource> WithDataVolume(this IResourceBuilder<OllamaResource> builder) =>
            builder;

        /// <summary>One of its models, named <c>{server}-{model}</c> without tag: <c>ollama-gemma2</c>.</summary>
        public static IResourceBuilder<OllamaModelResource> AddModel(
            this IResourceBuilder<OllamaResource> builder, string modelName)
        {
            var server = builder.Resource;
            var name = $"{server.Name}-{modelName.Split(':')[0].Split('/')[^1].Replace('.', '-')}";
            return builder.ApplicationBuilder.AddResource(new OllamaModelResource(name, () =>
                $"{server.GetConnectionString()};Model={modelName}"));
        }
    }
}

namespace Aspire.Hosting.ApplicationModel
{
    /// <summary>A server that somebody else runs, in the place of a container.</summary>
    public abstract class ServerResource(string name, Func<string> read) : Resource(name), IResourceWithConnectionString
    {
        /// <inheritdoc />
        public string GetConnectionString() => read();
    }

    /// <summary>A Redis server.</summary>
    public sealed class RedisResource(string name, Func<string> read) : ServerResource(name, read), IResourceWithEndpoints;

    /// <summary>A RabbitMQ broker.</summary>
    public sealed class RabbitMQServerResource(string name, Func<string> read)
        : ServerResource(name, read), IResourceWithEndpoints;

    /// <summary>An Ollama server.</summary>
    public sealed class OllamaResource(string name, Func<string> read) : ServerResource(name, read);

    /// <summary>A model that an Ollama server holds.</summary>
    public sealed class OllamaModelResource(string name, Func<string> read) : ServerResource(name, read);
}
