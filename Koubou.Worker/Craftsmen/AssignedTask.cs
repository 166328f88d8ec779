using System.Globalization;
using System.Text;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;

namespace Koubou.Worker.Craftsmen;

/// <summary>One attempt of a task as a craftsman sees it: its own fields first, else those of its type.</summary>
public sealed class AssignedTask
{
    internal const string FallbacksOption = "fallbacks";

    private const string PromptPlace = "{prompt}";

    private readonly TaskType? _type;

    /// <param name="id">The task's id.</param>
    /// <param name="attempt">The number of this try, from 1.</param>
    /// <param name="spec">What the client asked for.</param>
    /// <param name="type">The registered task type, if the scheduler named one.</param>
    /// <param name="inputs">What the task's dependencies answered, where it asks for it.</param>
    public AssignedTask(
        string id, int attempt, TaskSpec spec, TaskType? type, IReadOnlyList<DependencyOutput>? inputs = null)
    {
        Id = id;
        Attempt = attempt;
        Spec = spec;
        _type = type;
        Inputs = inputs ?? [];
    }

    public string Id { get; }

    /// <summary>The number of this try, from 1.</summary>
    public int Attempt { get; }

    /// <summary>The task exactly as it was submitted.</summary>
    public TaskSpec Spec { get; }

    /// <summary>What the task's dependencies answered, in their order; empty unless the task asks for it.</summary>
    public IReadOnlyList<DependencyOutput> Inputs { get; }

    public string Type => Spec.Type.Length > 0 ? Spec.Type : "general";

    /// <summary>The inputs, each in a tag of its own, then the prompt; all set into the type's template.</summary>
    public string Prompt => _type is { PromptTemplate.Length: > 0 } type
        ? type.PromptTemplate.Replace(PromptPlace, WithInputs(), StringComparison.Ordinal)
        : WithInputs();

    /// <summary>Empty: none.</summary>
    public string SystemPrompt => Spec.HasSystemPrompt ? Spec.SystemPrompt : _type?.SystemPrompt ?? "";

    /// <summary>The wanted backend. Empty: the node chooses.</summary>
    public string Backend => Spec.Backend.Length > 0 ? Spec.Backend : _type?.Backend ?? "";

    /// <summary>The wanted model. Empty: the backend's own.</summary>
    public string Model => Spec.Model.Length > 0 ? Spec.Model : _type?.Model ?? "";

    /// <summary>A JSON schema that the answer must satisfy. Empty: none.</summary>
    public string OutputSchema => Spec.OutputSchema.Length > 0 ? Spec.OutputSchema : _type?.OutputSchema ?? "";

    /// <summary>How far the task's content may travel; never unspecified.</summary>
    public DataPolicy DataPolicy => (Spec.DataPolicy, _type?.DataPolicy) switch
    {
        (DataPolicy.Unspecified, null or DataPolicy.Unspecified) => DataPolicy.Local,
        (DataPolicy.Unspecified, { } ofType) => ofType,
        (var own, _) => own,
    };

    /// <summary>
    /// Options for the backend, such as <c>num_ctx</c>, as JSON values: the type's, and over them the task's own.
    /// </summary>
    public IEnumerable<KeyValuePair<string, string>> Options =>
        Spec.Options.Concat((_type?.Options ?? []).Where(option => !Spec.Options.ContainsKey(option.Key)));

    /// <summary>
    /// Backends to ask, in this order, when the first one cannot answer: the task's own (option <c>fallbacks</c>, a JSON
    /// array), else the type's.
    /// </summary>
    public IReadOnlyList<string> Fallbacks => Spec.Options.TryGetValue(FallbacksOption, out var own)
        ? ReadNames(own)
        : _type is null ? [] : _type.Fallbacks;

    /// <summary>The longest that this attempt may take. Null: neither the task nor its type says.</summary>
    public TimeSpan? Timeout => Limit(Spec.Timeout) ?? Limit(_type?.Timeout);

    private static string[] ReadNames(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<string[]>(json) ?? [];
        }
        catch (JsonException exception)
        {
            throw TaskFailureException.Permanent(
                "bad_option", $"The option '{FallbacksOption}' is no JSON array of names: {json}", exception);
        }
    }

    private string WithInputs()
    {
        if (Inputs.Count == 0)
        {
            return Spec.Prompt;
        }

        var text = new StringBuilder();
        foreach (var input in Inputs)
        {
            text.Append(CultureInfo.InvariantCulture, $"<output task=\"{input.TaskId}\">\n{input.Output}\n</output>\n\n");
        }

        return text.Append(Spec.Prompt).ToString();
    }

    private static TimeSpan? Limit(Duration? duration) =>
        duration?.ToTimeSpan() is { } limit && limit > TimeSpan.Zero ? limit : null;
}
