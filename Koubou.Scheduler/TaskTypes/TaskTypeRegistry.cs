using System.Collections.Frozen;
using System.Text.RegularExpressions;
using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Koubou.Contracts.Schemas;
using Koubou.ServiceDefaults.Hosting;

namespace Koubou.Scheduler.TaskTypes;

/// <summary>The registered task types: the two that every workshop has, and those of the configuration.</summary>
public sealed partial class TaskTypeRegistry
{
    /// <summary>The type of a task that names none.</summary>
    public const string DefaultType = "general";

    private const string Section = "Koubou:TaskTypes";

    private readonly FrozenDictionary<string, TaskType> _types;

    public TaskTypeRegistry(IConfiguration configuration)
    {
        var options = BuiltIn();
        foreach (var section in configuration.GetSection(Section).GetChildren())
        {
            var type = options.GetValueOrDefault(section.Key) ?? new TaskTypeOptions();
            section.Bind(type);
            options[section.Key] = type;
        }

        _types = options.ToFrozenDictionary(
            pair => pair.Key, pair => Checked(pair.Key, pair.Value), StringComparer.Ordinal);
        All = [.. _types.Values.OrderBy(type => type.Name, StringComparer.Ordinal)];
    }

    /// <summary>All types, by name.</summary>
    public IReadOnlyList<TaskType> All { get; }

    /// <summary>The type of that name, or null.</summary>
    public TaskType? Find(string name) => _types.GetValueOrDefault(name);

    private static Dictionary<string, TaskTypeOptions> BuiltIn() => new(StringComparer.Ordinal)
    {
        [DefaultType] = new TaskTypeOptions
        {
            Description = "Questions, summaries, translations and other short text work.",
            SystemPrompt = "You are a careful craftsman. Do exactly what is asked, completely and briefly.",
            Timeout = TimeSpan.FromMinutes(5),
        },
        ["code"] = new TaskTypeOptions
        {
            Description = "Writing, changing and explaining program code.",
            SystemPrompt = "You are an expert programmer. Answer with complete, working code that handles errors, "
                + "and with no more prose than the reader needs.",
            Timeout = TimeSpan.FromMinutes(10),
            Options = { ["temperature"] = "0.2" },
        },
    };

    private static TaskType Checked(string name, TaskTypeOptions options)
    {
        if (!NamePattern().IsMatch(name))
        {
            throw Invalid(name, "name", name, "1 to 64 of a–z, 0–9, '-' and '_', first a letter");
        }

        if (ReservedNames.Contains(name))
        {
            throw Invalid(name, "name", name, "any name but " + string.Join(", ", ReservedNames));
        }

        if (options.Timeout < TimeSpan.FromSeconds(1) || options.Timeout > TimeSpan.FromHours(24))
        {
            throw Invalid(name, nameof(options.Timeout), $"{options.Timeout}", "1 second to 24 hours, as 00:05:00");
        }

        if (options.AttemptsMax is < 1 or > 100)
        {
            throw Invalid(name, nameof(options.AttemptsMax), $"{options.AttemptsMax}", "a whole number from 1 to 100");
        }

        if (options.OutputSchema.Length > 0 && !JsonSchema.TryParse(options.OutputSchema, out _, out var faults))
        {
            throw Invalid(name, nameof(options.OutputSchema), options.OutputSchema, "a JSON schema; it " + faults[0]);
        }

        return new TaskType
        {
            Name = name,
            Description = options.Description,
            SystemPrompt = options.SystemPrompt,
            PromptTemplate = options.PromptTemplate,
            Timeout = Duration.FromTimeSpan(options.Timeout),
            AttemptsMax = options.AttemptsMax,
            Backend = options.Backend,
            Model = options.Model,
            Options = { options.Options },
            Fallbacks = { options.Fallbacks },
            OutputSchema = options.OutputSchema,
            DataPolicy = options.DataPolicy == DataPolicy.Unspecified ? DataPolicy.Local : options.DataPolicy,
        };
    }

    private static SettingException Invalid(string type, string key, string value, string allowed) =>
        new($"{Section}:{type}:{key} is '{value}'. Allowed: {allowed}.");

    // POST /task/delegate is the door for all types.
    private static readonly FrozenSet<string> ReservedNames = FrozenSet.Create("delegate");

    [GeneratedRegex("^[a-z][a-z0-9_-]{0,63}$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 100)]
    private static partial Regex NamePattern();
}
