using System.Diagnostics;
using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Koubou.OllamaStandIn;

namespace Koubou.Bench;

/// <summary>
/// A mixed load of three models on an Ollama stand-in that has room for one and takes two seconds to load it: how often
/// models are loaded and how long all takes, with tasks of one model kept together and without. Delay and ageing are a
/// fifth of their defaults, so that each model has several turns.
/// </summary>
internal static class AffinityBench
{
    private const string Durability = "answers after fsync";
    private const int TasksPerModel = 70;
    private const int PiecesPerTask = 10;
    private const int Seed = 20261127;

    private static readonly TimeSpan PieceDelay = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LoadDelay = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan AgeingStep = TimeSpan.FromSeconds(60);
    private static readonly string[] Models = ["gemma2:2b", "qwen3:4b", "llama3.2:3b"];

    public static async Task RunAsync(Report report)
    {
        report.Add("affinity_ageing_bound", AgeingStep.TotalSeconds, "s", Durability);
        foreach (var (name, delay) in (IEnumerable<(string, TimeSpan)>)[("with", Delay), ("without", TimeSpan.Zero)])
        {
            await using var ollama = await StandInServer.StartAsync();
            Array.ForEach(Models, model => ollama.AddModel(model));
            (ollama.LoadedMax, ollama.LoadDelay, ollama.Parallel) = (1, LoadDelay, 2);
            (ollama.PieceDelay, ollama.Answer) = (PieceDelay, _ => Enumerable.Repeat(" word", PiecesPerTask));

            var (makespan, overtaken) = await MeasureAsync(ollama, delay);
            report.Add($"affinity_loads_{name}", ollama.Loads, "model loads", Durability);
            report.Add($"affinity_makespan_{name}", makespan.TotalSeconds, "s", Durability);
            report.Add($"affinity_overtaken_{name}", overtaken.TotalSeconds, "s at most, by tasks that came later", Durability);
        }
    }

    private static async Task<(TimeSpan Makespan, TimeSpan Overtaken)> MeasureAsync(StandInServer ollama, TimeSpan delay)
    {
        await using var workshop = await Workshop.OpenAsync(
            withNode: true,
            redis: null,
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["Queue__Order__AffinityDelay"] = $"{delay:c}",
                ["Queue__Order__AgeingStep"] = $"{AgeingStep:c}",
            },
            $"--Koubou:Worker:Ollama:Endpoint={ollama.Address}",
            "--Koubou:Worker:Ollama:ParallelMin=2",
            "--Koubou:Worker:Ollama:ParallelMax=2",
            "--Koubou:Worker:SlotsMin=2");
        var models = Models.SelectMany(model => Enumerable.Repeat(model, TasksPerModel)).ToArray();
        new Random(Seed).Shuffle(models);
        var request = new SubmitRequest();
        request.Tasks.AddRange(models.Select(model => new TaskSpec { Type = "general", Prompt = "go", Model = model }));

        var start = Stopwatch.GetTimestamp();
        var reply = await workshop.Client.SubmitAsync(request);
        await workshop.WaitForSuccessesAsync(models.Length + 1, from: 1);
        var makespan = Stopwatch.GetElapsedTime(start);

        var starts = new List<Timestamp>();
        foreach (var receipt in reply.Receipts)
        {
            starts.Add((await workshop.Client.GetAsync(new GetRequest { Id = receipt.Id })).Attempts[^1].LeasedAt);
        }

        return (makespan, LongestOvertaken([.. starts.Select(each => each.ToDateTimeOffset())]));
    }

    /// <summary>The longest time for which some task that came later had begun before one that still waited.</summary>
    /// <param name="starts">When each task began, in the order of submission.</param>
    private static TimeSpan LongestOvertaken(DateTimeOffset[] starts)
    {
        var longest = TimeSpan.Zero;
        var earliestLater = DateTimeOffset.MaxValue;
        for (var index = starts.Length - 1; index >= 0; index--)
        {
            longest = starts[index] - earliestLater > longest ? starts[index] - earliestLater : longest;
            earliestLater = starts[index] < earliestLater ? starts[index] : earliestLater;
        }

        return longest;
    }
}
