using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

namespace Koubou.Worker.Backends.Ollama;

/// <summary>One download of a model, shared by all tasks that wait for it. It outlives the task that began it.</summary>
internal sealed class OllamaPull
{
    private readonly Dictionary<string, (long Total, long Completed)> _layers = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public OllamaPull(string model)
    {
        Model = model;
        Note = $"pulling {model}";
    }

    public string Model { get; }

    /// <summary>Sample: <c>pulling gemma2:2b: 43 % of 1.6 GB</c>.</summary>
    public string Note { get; private set; }

    /// <summary>Completes when the note is another one.</summary>
    public Task Changed => Volatile.Read(ref _changed).Task;

    /// <summary>Downloads. Null: done; else why not.</summary>
    public async Task<string?> RunAsync(
        HttpClient http, TimeSpan stallTimeout, TimeProvider clock, Action changed, CancellationToken cancellationToken)
    {
        using var stalled = new CancellationTokenSource(stallTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stalled.Token);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "api/pull");
            request.Content = JsonContent.Create(new OllamaQuestion(Model, Stream: true), OllamaJson.Default.OllamaQuestion);
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(either.Token));
            var status = "";
            while (await reader.ReadLineAsync(either.Token) is { } text)
            {
                stalled.CancelAfter(stallTimeout);
                if (JsonSerializer.Deserialize(text, OllamaJson.Default.OllamaPullLine) is not { } line)
                {
                    continue;
                }

                if (line.Error is { } error)
                {
                    return error;
                }

                status = line.Status ?? status;
                Tell(Describe(line), changed);
            }

            return status == "success" ? null : $"it ended with '{status}'";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"nothing came for {stallTimeout.TotalSeconds:0} seconds";
        }
    }

    private void Tell(string note, Action changed)
    {
        if (note != Note)
        {
            Note = note;
            Interlocked.Exchange(
                ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
            changed();
        }
    }

    private string Describe(OllamaPullLine line)
    {
        if (line.Digest is not { Length: > 0 } digest || line.Total <= 0)
        {
            return $"pulling {Model}: {line.Status}";
        }

        _layers[digest] = (line.Total, line.Completed);
        var total = _layers.Values.Sum(layer => layer.Total);
        var completed = _layers.Values.Sum(layer => layer.Completed);
        return string.Create(CultureInfo.InvariantCulture, $"pulling {Model}: {100 * completed / total} % of {Size(total)}");
    }

    private static string Size(long bytes) => bytes switch
    {
        >= 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.0} GB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB"),
    };
}
