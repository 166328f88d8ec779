using Koubou.Contracts;

namespace Koubou.Scheduler.TaskTypes;

/// <summary>One task type in configuration: <c>Koubou:TaskTypes:NAME</c>. Everything may be left out.</summary>
public sealed class TaskTypeOptions
{
    /// <summary>One sentence that tells a master when to choose this type.</summary>
    public string Description { get; set; } = "";

    public string SystemPrompt { get; set; } = "";

    /// <summary><c>{prompt}</c> stands for the task's prompt. Default: the prompt as it is.</summary>
    public string PromptTemplate { get; set; } = "";

    /// <summary>The longest one attempt may take. From 1 second to 24 hours. Default: 10 minutes.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Tries before the dead letter. From 1 to 100. Default: 3.</summary>
    public int AttemptsMax { get; set; } = 3;

    /// <summary>Preferred backend. Default: the node chooses.</summary>
    public string Backend { get; set; } = "";

    /// <summary>Preferred model. Default: the backend's own.</summary>
    public string Model { get; set; } = "";

    /// <summary>Options for the model runner, such as <c>temperature</c> or <c>num_ctx</c>.</summary>
    public Dictionary<string, string> Options { get; set; } = [];

    /// <summary>Backends to ask, in this order, when the preferred one cannot answer. Default: none.</summary>
    public List<string> Fallbacks { get; set; } = [];

    /// <summary>A JSON schema that answers must satisfy. Default: none.</summary>
    public string OutputSchema { get; set; } = "";

    /// <summary>How far content of this type may travel unless a task is stricter. Default: local.</summary>
    public DataPolicy DataPolicy { get; set; } = DataPolicy.Local;
}
