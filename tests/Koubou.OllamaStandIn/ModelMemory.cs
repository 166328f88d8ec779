using System.Text.Json;

namespace Koubou.OllamaStandIn;

/// <summary>
/// The models in memory, as many as there is room for. One that is wanted puts an idle one out and is loaded, one at a
/// time; the same model with other runner options is loaded anew.
/// </summary>
internal sealed class ModelMemory(StandInServer server)
{
    private static readonly string[] RunnerOptions = ["num_ctx", "num_gpu"];

    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _users = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _runners = new(StringComparer.Ordinal);
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? _loading;

    /// <summary>The runner options of a chat, in one spelling.</summary>
    public static string RunnerOf(JsonElement request) => request.TryGetProperty("options", out var options)
        ? string.Join(' ', RunnerOptions
            .Where(name => options.TryGetProperty(name, out _))
            .Select(name => $"{name}={options.GetProperty(name).GetRawText()}"))
        : "";

    /// <summary>Returns when the model is loaded; until the result is disposed it stays so.</summary>
    public async Task<IDisposable> UseAsync(string model, string runner, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                changed = _changed.Task;
                if (server.Loaded.ContainsKey(model) && _loading != model && _runners.GetValueOrDefault(model, runner) == runner)
                {
                    Enter(model);
                    return new Leaving(() => Leave(model));
                }

                if (_loading is null && TryMakeRoom(model))
                {
                    _loading = model;
                    _runners[model] = runner;
                    server.Loaded[model] = true;
                    Enter(model);
                    break;
                }
            }

            await changed.WaitAsync(cancellationToken);
        }

        return await LoadAsync(model, cancellationToken);
    }

    private async Task<IDisposable> LoadAsync(string model, CancellationToken cancellationToken)
    {
        var leaving = new Leaving(() => Leave(model));
        try
        {
            server.CountLoad();
            await server.WhileLoading().WaitAsync(cancellationToken);
            await Task.Delay(server.LoadDelay, cancellationToken);
            return leaving;
        }
        catch
        {
            leaving.Dispose();
            throw;
        }
        finally
        {
            lock (_lock)
            {
                _loading = null;
                Signal();
            }
        }
    }

    private bool TryMakeRoom(string model)
    {
        if (_users.GetValueOrDefault(model) > 0)
        {
            // Somebody still uses it with other options.
            return false;
        }

        server.Loaded.TryRemove(model, out _);
        while (server.Loaded.Count >= server.LoadedMax)
        {
            if (server.Loaded.Keys.FirstOrDefault(other => _users.GetValueOrDefault(other) == 0) is not { } idle)
            {
                return false;
            }

            server.Loaded.TryRemove(idle, out _);
        }

        return true;
    }

    private void Enter(string model) => _users[model] = _users.GetValueOrDefault(model) + 1;

    private void Leave(string model)
    {
        lock (_lock)
        {
            _users[model]--;
            Signal();
        }
    }

    private void Signal()
    {
        _changed.SetResult();
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
