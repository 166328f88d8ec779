using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Koubou.Cli.Terminal;
using Koubou.Cli.Workshop;

namespace Koubou.Cli.Tasks;

/// <summary>
/// The fields of a task as options. What values are good is the scheduler's to say, so that its words hold at every door.
/// </summary>
internal sealed class TaskFields
{
    private readonly Option<string?> _type = new("--type", "-t")
    {
        Description = "A registered task type. Default: general.",
    };

    private readonly Option<int?> _priority = new("--priority", "-p")
    {
        Description = "1 to 10; 10 goes first. Default: 5.",
    };

    private readonly Option<string[]> _labels = new("--label", "-l")
    {
        Description = "key=value, to find the task by. May be repeated.",
    };

    private readonly Option<string?> _policy = new("--policy")
    {
        Description = "How far the content may travel: local (never off the worker's machine), private or any. Default: the type's.",
    };

    private readonly Option<string?> _schema = new("--schema")
    {
        Description = "A file with the JSON schema that the answer must satisfy.",
    };

    private readonly Option<string[]> _dependsOn = new("--depends-on")
    {
        Description = "The id of a task that must succeed first. May be repeated.",
    };

    private readonly Option<bool> _passOutputs = new("--pass-outputs")
    {
        Description = "Hand the answers of --depends-on over with the prompt.",
    };

    private readonly Option<string?> _system = new("--system") { Description = "Replaces the type's system prompt." };
    private readonly Option<string?> _backend = new("--backend")
    {
        Description = "The wanted backend. Default: the worker node chooses.",
    };

    private readonly Option<string?> _model = new("--model", "-m")
    {
        Description = "The wanted model. Default: the type's.",
    };

    private readonly Option<string[]> _options = new("--option")
    {
        Description = "name=value for the backend, such as temperature=0.2 or num_ctx=8192. May be repeated.",
    };

    private readonly Option<int?> _attempts = new("--attempts")
    {
        Description = "Tries before the dead letter. Default: the type's.",
    };

    private readonly Option<TimeSpan?> _timeout = Moments.CreateSpan(
        "--timeout", "The longest one attempt may take, such as 90s or 10m. Default: the type's.");
    private readonly Option<DateTimeOffset?> _notBefore = Moments.CreatePoint(
        "--not-before", "The task waits until then: 2h from now, or a point in time.", isAhead: true);
    private readonly Option<DateTimeOffset?> _deadline = Moments.CreatePoint(
        "--deadline", "A task that has not succeeded by then expires: 2h from now, or a point in time.", isAhead: true);

    public void AddTo(Command command)
    {
        foreach (var option in new Option[]
        {
            _type, _priority, _labels, _policy, _schema, _dependsOn, _passOutputs, _system, _backend, _model, _options,
            _attempts, _timeout, _notBefore, _deadline,
        })
        {
            command.Add(option);
        }
    }

    /// <summary>The fields that were given, under the names that the workshop's JSON has for them.</summary>
    public async Task<JsonObject> ReadAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var task = new JsonObject();
        Set("type", parsed.GetValue(_type));
        Set("priority", parsed.GetValue(_priority));
        Set("labels", Pairs("--label", parsed.GetValue(_labels), text => JsonValue.Create(text)));
        Set("data_policy", parsed.GetValue(_policy));
        Set("output_schema", await ReadSchemaAsync(parsed.GetValue(_schema), cancellationToken));
        Set("depends_on", List(parsed.GetValue(_dependsOn)));
        Set("pass_outputs", parsed.GetValue(_passOutputs) ? true : null);
        Set("system_prompt", parsed.GetValue(_system));
        Set("backend", parsed.GetValue(_backend));
        Set("model", parsed.GetValue(_model));
        Set("options", Pairs("--option", parsed.GetValue(_options), Guess));
        Set("attempts_max", parsed.GetValue(_attempts));
        Set("timeout_seconds", parsed.GetValue(_timeout)?.TotalSeconds);
        Set("not_before", Time(parsed.GetValue(_notBefore)));
        Set("deadline", Time(parsed.GetValue(_deadline)));
        return task;

        void Set(string name, JsonNode? value)
        {
            if (value is not null)
            {
                task[name] = value;
            }
        }
    }

    private static async Task<JsonNode?> ReadSchemaAsync(string? file, CancellationToken cancellationToken)
    {
        if (file is null)
        {
            return null;
        }

        try
        {
            return JsonNode.Parse(await PromptText.ReadFileAsync(file, cancellationToken));
        }
        catch (JsonException error)
        {
            throw new UsageException($"--schema: '{file}' is not JSON: {error.Message}");
        }
    }

    private static JsonArray? List(string[]? values) =>
        values is { Length: > 0 } ? new JsonArray([.. values.Select(value => JsonValue.Create(value))]) : null;

    private static JsonObject? Pairs(string option, string[]? pairs, Func<string, JsonNode?> read)
    {
        if (pairs is not { Length: > 0 })
        {
            return null;
        }

        var fields = new JsonObject();
        foreach (var pair in pairs)
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            var key = at > 0 ? pair[..at] : throw new UsageException($"{option} is '{pair}'. Allowed: key=value.");
            fields[key] = read(pair[(at + 1)..]);
        }

        return fields;
    }

    // temperature=0.2 is a number, sandbox=read-only a text.
    private static JsonNode? Guess(string text)
    {
        try
        {
            return JsonNode.Parse(text) is { } node and (JsonValue or JsonObject or JsonArray) ? node : text;
        }
        catch (JsonException)
        {
            return text;
        }
    }

    private static string? Time(DateTimeOffset? time) => time?.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture);
}
