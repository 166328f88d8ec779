using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Json;

namespace Koubou.AppHost.Planning;

/// <summary>All that is decided before the first resource is added: profile, queue, models, sizes, ports and home.</summary>
internal sealed record WorkshopPlan(
    ProfileDecision Profile, ModelSource Models, IReadOnlyList<WorkerNode> Nodes, DoorPorts Ports, string? Home)
{
    /// <summary>The connection string of the model: <c>Endpoint=http://localhost:11434;Model=gemma2:2b</c>.</summary>
    public const string ModelConnection = "ollama-gemma2";

    private const int SchedulersWhenShared = 2;

    /// <summary>The model that a fresh workshop asks.</summary>
    public string Model => "gemma2:2b";

    public QueueEngine Queue => Profile.Queue;

    /// <summary>The queue as settings spell it.</summary>
    public string QueueName => Queue.ToString().ToLowerInvariant();

    /// <summary>Where records are kept when a broker carries the queue: SQLite for one scheduler, Redis for several.</summary>
    public string Records => Schedulers > 1 ? "redis" : "sqlite";

    public bool NeedsRedis => Queue is QueueEngine.Redis || (Queue is QueueEngine.RabbitMq && Schedulers > 1);

    /// <summary>SQLite has one owner; the other queues are shared by several when distributed.</summary>
    public int Schedulers => Profile.Profile is Planning.Profile.Distributed ? SchedulersWhenShared : 1;

    /// <summary>
    /// Decides, and says in one line what and why; or says which setting is not allowed, and returns null.
    /// </summary>
    public static async Task<WorkshopPlan?> MakeAsync(IDistributedApplicationBuilder builder)
    {
        try
        {
            return await DecideAsync(builder);
        }
        catch (SettingException fault)
        {
            await Console.Error.WriteLineAsync(fault.Message);
            return null;
        }
    }

    private static async Task<WorkshopPlan> DecideAsync(IDistributedApplicationBuilder builder)
    {
        var settings = builder.Configuration;
        var publishing = builder.ExecutionContext.IsPublishMode;
        var home = publishing ? null : FindHome(builder);
        if (home is not null)
        {
            AddHomeSettings(settings, home);
        }

        // Koubou.LocalHosting answers to the same names, but starts no containers.
        var hasAspire = typeof(DistributedApplication).Assembly.GetName().Name == "Aspire.Hosting";
        var asksEngine = hasAspire && !publishing && string.IsNullOrWhiteSpace(settings["Koubou:Profile"]);
        var profile = ProfileDecision.Decide(new ProfileFacts(
            settings["Koubou:Profile"], settings["queue-type"] ?? settings["Koubou:Queue"], publishing, hasAspire,
            asksEngine ? await ContainerEngine.FindAsync() : null));

        var (models, described) = await FindModelsAsync(settings, profile.Profile, hasAspire, publishing);
        var plan = new WorkshopPlan(
            profile, models, WorkerNode.Read(settings, publishing), DoorPorts.Read(settings, publishing), home);
        Console.WriteLine(
            $"Koubou runs the {profile.Profile.ToString().ToLowerInvariant()} profile, because {profile.Reason}: "
            + $"queue {plan.QueueName}, {described}, {plan.Nodes.Count} worker nodes with "
            + $"{plan.Nodes.Sum(node => node.MaxWorkers)} craftsmen at most{(home is null ? "" : $", home {home}")}.");
        return plan;
    }

    private static async Task<(ModelSource Source, string Described)> FindModelsAsync(
        ConfigurationManager settings, Profile profile, bool hasAspire, bool publishing)
    {
        if (settings.GetConnectionString(ModelConnection) is { Length: > 0 })
        {
            return (ModelSource.Existing, $"models from ConnectionStrings:{ModelConnection}");
        }

        if (publishing || (hasAspire && profile is not Planning.Profile.Embedded))
        {
            return (ModelSource.Container, "models from an Ollama container");
        }

        var address = LocalOllama.AddressFrom(settings["OLLAMA_HOST"]);
        var shown = address.GetLeftPart(UriPartial.Authority);
        if (!await LocalOllama.AnswersAsync(address))
        {
            return (ModelSource.None, $"no Ollama at {shown}");
        }

        settings[$"ConnectionStrings:{ModelConnection}"] = $"Endpoint={shown};Model=gemma2:2b";
        return (ModelSource.Existing, $"models from Ollama at {shown}");
    }

    // The same file that every service reads; anything else that is set goes before it.
    private static void AddHomeSettings(ConfigurationManager settings, string home)
    {
        var file = new JsonConfigurationSource { Path = Path.Combine(home, "config", "koubou.json"), Optional = true };
        file.ResolveFileProvider();
        settings.Sources.Insert(0, file);
    }

    /// <summary><c>KOUBOU_HOME</c>, else <c>.koubou</c> in the folder of the solution, one above the AppHost's.</summary>
    private static string FindHome(IDistributedApplicationBuilder builder) =>
        builder.Configuration["KOUBOU_HOME"] is { Length: > 0 } chosen
            ? Path.GetFullPath(chosen)
            : Path.GetFullPath(Path.Combine(builder.AppHostDirectory, "..", ".koubou"));
}
