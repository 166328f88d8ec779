using Aspire.Hosting.ApplicationModel;
using Koubou.LocalHosting.Servers;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting
{
    /// <summary>Redis: one that already runs here, by default at <c>localhost:6379</c>.</summary>
    public static class RedisBuilderExtensions
    {
        /// <summary>The server of <c>ConnectionStrings:{name}</c>.</summary>
        public static IResourceBuilder<RedisResource> AddRedis(this IDistributedApplicationBuilder builder, string name) =>
            builder.AddResource(new RedisResource(name, () =>
                builder.Configuration.GetConnectionString(name) ?? "localhost:6379"));

        /// <summary>Its data stays where its own configuration says.</summary>
        public static IResourceBuilder<RedisResource> WithDataVolume(this IResourceBuilder<RedisResource> builder) =>
            builder;

        /// <summary>Its persistence is what its own configuration says.</summary>
        public static IResourceBuilder<RedisResource> WithPersistence(this IResourceBuilder<RedisResource> builder) =>
            builder;
    }

    /// <summary>RabbitMQ: one that already runs here, by default at <c>localhost:5672</c>.</summary>
    public static class RabbitMQBuilderExtensions
    {
        /// <summary>The server of <c>ConnectionStrings:{name}</c>.</summary>
        public static IResourceBuilder<RabbitMQServerResource> AddRabbitMQ(
            this IDistributedApplicationBuilder builder, string name) =>
            builder.AddResource(new RabbitMQServerResource(name, () =>
                builder.Configuration.GetConnectionString(name) ?? "amqp://guest:guest@localhost:5672"));

        /// <summary>Its data stays where its own configuration says.</summary>
        public static IResourceBuilder<RabbitMQServerResource> WithDataVolume(
            this IResourceBuilder<RabbitMQServerResource> builder) => builder;
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
    public sealed class RedisResource(string name, Func<string> read) : ServerResource(name, read);

    /// <summary>A RabbitMQ broker.</summary>
    public sealed class RabbitMQServerResource(string name, Func<string> read) : ServerResource(name, read);

    /// <summary>An Ollama server.</summary>
    public sealed class OllamaResource(string name, Func<string> read) : ServerResource(name, read);

    /// <summary>A model that an Ollama server holds.</summary>
    public sealed class OllamaModelResource(string name, Func<string> read) : ServerResource(name, read);
}
