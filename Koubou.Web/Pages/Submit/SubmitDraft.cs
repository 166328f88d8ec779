using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Koubou.Web.Live;

namespace Koubou.Web.Pages.Submit;

/// <summary>What stands in the form; becomes the task, or the equal call of another door. Empty fields take the defaults.</summary>
public sealed class SubmitDraft
{
    public const string ClientName = "dashboard";

    public string Type { get; set; } = "general";

    public string Prompt { get; set; } = "";

    public string SystemPrompt { get; set; } = "";

    public int Priority { get; set; } = 5;

    public DataPolicy DataPolicy { get; set; } = DataPolicy.Local;

    public string Backend { get; set; } = "";

    public string Model { get; set; } = "";

    /// <summary>Comma-separated: <c>project=apollo, night</c>.</summary>
    public string Labels { get; set; } = "";

    public string Batch { get; set; } = "";

    public int? TimeoutSeconds { get; set; }

    public int? AttemptsMax { get; set; }

    public string OutputSchema { get; set; } = "";

    /// <summary>Not before this moment.</summary>
    public DateTimeOffset? NotBefore { get; set; }

    public DateTimeOffset? Deadline { get; set; }

    /// <summary>Ids, separated by commas, spaces or lines.</summary>
    public string DependsOn { get; set; } = "";

    public bool RunIfDependencyFailed { get; set; }

    public string IdempotencyKey { get; set; } = "";

    /// <summary>Whether a field behind the fold is filled.</summary>
    public bool HasFineFields =>
        TimeoutSeconds is not null || AttemptsMax is not null || NotBefore is not null || Deadline is not null
        || new[] { SystemPrompt, Backend, Model, Labels, Batch, OutputSchema, DependsOn, IdempotencyKey }.Any(text => text.Length > 0);

    private string[] Dependencies => DependsOn.Split(
        [',', ' ', '\n', '\r', '\t'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    public static SubmitDraft From(TaskSpec spec) => new()
    {
        Type = spec.Type,
        Prompt = spec.Prompt,
        SystemPrompt = spec.SystemPrompt,
        Priority = spec.HasPriority ? spec.Priority : 5,
        DataPolicy = spec.DataPolicy == DataPolicy.Unspecified ? DataPolicy.Local : spec.DataPolicy,
        Backend = spec.Backend,
        Model = spec.Model,
        Labels = LabelText.Of(spec.Labels),
        Batch = spec.BatchId,
        TimeoutSeconds = spec.Timeout is null ? null : (int)Math.Ceiling(spec.Timeout.ToTimeSpan().TotalSeconds),
        AttemptsMax = spec.HasAttemptsMax ? spec.AttemptsMax : null,
        OutputSchema = spec.OutputSchema,
        DependsOn = string.Join(", ", spec.DependsOn),
        RunIfDependencyFailed = spec.RunIfDependencyFailed,
    };

    public TaskSpec ToSpec()
    {
        var spec = new TaskSpec
        {
            Type = Type,
            Prompt = Prompt,
            Priority = Priority,
            DataPolicy = DataPolicy,
            Backend = Backend.Trim(),
            Model = Model.Trim(),
            BatchId = Batch.Trim(),
            OutputSchema = OutputSchema.Trim(),
            Client = ClientName,
            IdempotencyKey = IdempotencyKey.Trim(),
            RunIfDependencyFailed = RunIfDependencyFailed && Dependencies.Length > 0,
            NotBefore = NotBefore is { } from ? Timestamp.FromDateTimeOffset(from) : null,
            Deadline = Deadline is { } until ? Timestamp.FromDateTimeOffset(until) : null,
            Timeout = TimeoutSeconds is { } seconds ? Duration.FromTimeSpan(TimeSpan.FromSeconds(seconds)) : null,
        };
        spec.Labels.Add(ReadLabels());
        spec.DependsOn.AddRange(Dependencies);
        if (SystemPrompt.Length > 0)
        {
            spec.SystemPrompt = SystemPrompt;
        }

        if (AttemptsMax is { } attempts)
        {
            spec.AttemptsMax = attempts;
        }

        return spec;
    }

    /// <summary>The body of the equal REST call.</summary>
    public string ToJson() => ToFields().ToJsonString(EqualCalls.Json);

    /// <summary>The fields that are filled, by their names at every JSON door.</summary>
    public JsonObject ToFields()
    {
        var body = new JsonObject { ["type"] = Type, ["prompt"] = Prompt, ["priority"] = Priority };
        Add("system_prompt", SystemPrompt);
        if (DataPolicy != DataPolicy.Local)
        {
            body["data_policy"] = DataPolicy == DataPolicy.Any ? "any" : "private";
        }

        Add("backend", Backend.Trim());
        Add("model", Model.Trim());
        Add("batch_id", Batch.Trim());
        if (TimeoutSeconds is { } seconds)
        {
            body["timeout_seconds"] = seconds;
        }

        if (AttemptsMax is { } attempts)
        {
            body["attempts_max"] = attempts;
        }

        if (ReadLabels() is { Count: > 0 } labels)
        {
            body["labels"] = new JsonObject(labels.Select(
                label => KeyValuePair.Create<string, JsonNode?>(label.Key, JsonValue.Create(label.Value))));
        }

        if (OutputSchema.Trim() is { Length: > 0 } schema)
        {
            body["output_schema"] = ParseOrText(schema);
        }

        Add("idempotency_key", IdempotencyKey.Trim());
        Add("not_before", Iso(NotBefore));
        Add("deadline", Iso(Deadline));
        if (Dependencies.Length > 0)
        {
            body["depends_on"] = new JsonArray([.. Dependencies.Select(id => JsonValue.Create(id))]);
            if (RunIfDependencyFailed)
            {
                body["run_if_dependency_failed"] = true;
            }
        }

        return body;

        void Add(string name, string text)
        {
            if (text.Length > 0)
            {
                body[name] = text;
            }
        }
    }

    private static string Iso(DateTimeOffset? time) =>
        time?.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture) ?? "";

    private static JsonNode? ParseOrText(string schema)
    {
        try
        {
            return JsonNode.Parse(schema);
        }
        catch (JsonException)
        {
            return JsonValue.Create(schema);
        }
    }

    private Dictionary<string, string> ReadLabels()
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var label in Labels.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = label.Split('=', 2, StringSplitOptions.TrimEntries);
            labels[parts[0]] = parts.Length > 1 ? parts[1] : "";
        }

        return labels;
    }
}
