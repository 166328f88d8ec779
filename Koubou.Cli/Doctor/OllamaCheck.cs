using System.Runtime.CompilerServices;
using System.Text.Json;
using Koubou.Worker.Backends.Ollama;
using Microsoft.Extensions.Configuration;

namespace Koubou.Cli.Doctor;

/// <summary>Ollama: does it run, and does it have the model?</summary>
internal sealed class OllamaCheck : ICheck
{
    private const string Subject = "ollama";
    private const string ModelPreset = "gemma2:2b";
    private static readonly string[] ConnectionNames = ["ollama-gemma2", "ollama"];

    public async IAsyncEnumerable<Finding> LookAsync(
        Patient patient, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!patient.IsHere)
        {
            yield break;
        }

        var (endpoint, model, isNamed) = Read(patient.Settings);
        if (!OllamaAddress.TryParse(endpoint, out var address))
        {
            yield return Finding.Error(Subject, $"'{endpoint}' is no address of an Ollama", "export OLLAMA_HOST=localhost:11434");
            yield break;
        }

        if (await ModelsAsync(patient, address, cancellationToken) is { } models)
        {
            yield return Judge(patient, models, address, model);
        }
        else if (!OthersAnswer(patient))
        {
            yield return Away(address, model, isNamed);
        }
    }

    private static (string Endpoint, string Model, bool IsNamed) Read(IConfiguration settings)
    {
        var connection = ConnectionNames.Select(settings.GetConnectionString).FirstOrDefault(text => !string.IsNullOrWhiteSpace(text));
        var (endpoint, model) = connection is null ? (settings["OLLAMA_HOST"], null) : OllamaAddress.ReadConnectionString(connection);
        var isNamed = !string.IsNullOrWhiteSpace(endpoint);
        return (isNamed ? endpoint! : OllamaAddress.Default, string.IsNullOrWhiteSpace(model) ? ModelPreset : model, isNamed);
    }

    private static Finding Away(Uri address, string model, bool isNamed)
    {
        var shown = address.GetLeftPart(UriPartial.Authority);
        var remedy = Programs.Find("ollama") is null && address.IsLoopback
            ? $"install it from https://ollama.com/download, then: ollama serve, and: ollama pull {model}"
            : $"ollama serve, then: ollama pull {model}";

        // Who names an Ollama wants that one; without a name the demo backend steps in, and says so.
        return isNamed
            ? Finding.Error(Subject, $"Ollama is not running at {shown}, so craftsmen have no model", remedy)
            : Finding.Warning(Subject, $"Ollama is not running at {shown}, so answers are simulated", remedy);
    }

    private static Finding Judge(Patient patient, Dictionary<string, long> models, Uri address, string model)
    {
        var shown = address.GetLeftPart(UriPartial.Authority);
        var found = models.Keys.FirstOrDefault(name => name == model || name == model + ":latest");
        if (found is null)
        {
            return Finding.Error(
                Subject, $"Ollama at {shown} does not have the model {model}, so tasks wait or time out", $"ollama pull {model}");
        }

        patient.ModelBytes = models[found];
        return Finding.Ok(Subject, $"runs at {shown} and has {model}");
    }

    private static bool OthersAnswer(Patient patient) => patient.Workers?
        .SelectMany(worker => worker.Backends)
        .Any(backend => backend is { Healthy: true, Simulated: false }) is true;

    // Sample: {"models":[{"name":"gemma2:2b","size":1629518495}]}. Null: nobody answers.
    private static async Task<Dictionary<string, long>?> ModelsAsync(
        Patient patient, Uri address, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = await patient.Http.GetStreamAsync(new Uri(address, "api/tags"), cancellationToken);
            using var tags = await JsonDocument.ParseAsync(stream, cancellationToken: cancellationToken);
            return tags.RootElement.TryGetProperty("models", out var list) && list.ValueKind == JsonValueKind.Array
                ? list.EnumerateArray()
                    .Where(model => model.TryGetProperty("name", out _))
                    .ToDictionary(
                        model => model.GetProperty("name").GetString()!,
                        model => model.TryGetProperty("size", out var size) && size.TryGetInt64(out var bytes) ? bytes : 0)
                : null;
        }
        catch (Exception error) when (
            error is HttpRequestException or JsonException
            || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }
}
