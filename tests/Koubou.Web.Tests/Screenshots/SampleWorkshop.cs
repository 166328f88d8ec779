using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Koubou.Web.Tests.Scripted;

namespace Koubou.Web.Tests.Screenshots;

/// <summary>A busy afternoon: what the screenshots show.</summary>
internal sealed class SampleWorkshop(ScriptedQueue queue)
{
    private const string Answer = """"
        Both versions, the second one for large `n`:

        ```python
        from functools import cache

        @cache
        def fib(n: int) -> int:
            """The n-th Fibonacci number."""
            return n if n < 2 else fib(n - 1) + fib(n - 2)

        def fib_fast(n: int) -> int:
            a, b = 0, 1
            for _ in range(n):      # one addition for each step
                a, b = b, a + b
            return a
        ```

        | version | time | memory |
        | --- | --- | --- |
        | `fib` | O(n) | O(n) |
        | `fib_fast` | O(n) | O(1) |
        """";

    private readonly DateTimeOffset _now = DateTimeOffset.UtcNow;

    /// <summary>The task with code, two attempts, a file and dependencies.</summary>
    public string TaskWithEverything { get; private set; } = "";

    /// <summary>In the middle of its answer.</summary>
    public string RunningTask { get; private set; } = "";

    public string FailedTask { get; private set; } = "";

    public string BlockedTask { get; private set; } = "";

    public string WaitingTask { get; private set; } = "";

    public const string Batch = "release-notes";

    public void Fill()
    {
        queue.Stock(1_240);
        AddNode("forge-01", "forge", 4);
        AddNode("forge-02", "anvil", 3);
        AddMinutes();
        AddBatch();
        foreach (var (prompt, type, priority) in Waiting)
        {
            WaitingTask = queue.Submit(prompt, spec => (spec.Type, spec.Priority, spec.Client) = (type, priority, "claude-code"), _now.AddSeconds(-90));
        }

        AddFinished();
        AddTaskWithEverything();
        AddRunning();
        queue.Findings.Add(new HealthFinding
        {
            Severity = Severity.Warning,
            Code = "backend_unhealthy",
            Message = "Ollama has no model 'qwen2.5-coder:7b'. Get it with: ollama pull qwen2.5-coder:7b",
            Args = { ["detail_code"] = "model_missing" },
        });
    }

    private static (string, string, int)[] Waiting =>
    [
        ("Translate the onboarding guide into Japanese", "translate", 5),
        ("Translate the price list into Japanese", "translate", 3),
        ("Write unit tests for OrderService", "code", 8),
        ("Write unit tests for CartService", "code", 8),
        ("Refactor the CSV importer into a streaming reader", "code", 6),
        ("Summarise customer interview 14", "general", 5),
        ("Summarise customer interview 15", "general", 5),
    ];

    private void AddNode(string id, string machine, int slots) => queue.AddNode(id, slots, node =>
    {
        node.Machine = machine;
        node.ProcessId = 4211;
        node.Capabilities.Add("*");
        node.TasksSucceeded = 412;
        node.TasksFailed = 3;
        node.ConnectedAt = Timestamp.FromDateTimeOffset(_now.AddHours(-6));
        node.LastHeartbeatAt = Timestamp.FromDateTimeOffset(_now);
        node.Backends.Add(new Backend
        {
            Name = "ollama", Kind = "ollama", Zone = Zone.Local, Healthy = true, InFlight = 2, Parallel = 4,
            Models = { "gemma2:2b", "llama3.2:3b", "qwen2.5:7b" }, LoadedModels = { "gemma2:2b" },
        });
        node.Backends.Add(new Backend
        {
            Name = "codex", Kind = "codex", Zone = Zone.Cloud, Healthy = false, Detail = "Not signed in: `codex login`.",
        });
    });

    private void AddMinutes()
    {
        for (var minute = 0; minute < 60; minute++)
        {
            var tide = 5 + (4 * Math.Sin(minute / 7.0)) + (3 * Math.Sin(minute / 2.3));
            var done = (long)Math.Max(0, Math.Round(tide));
            queue.Minutes.Add(new MetricsPoint
            {
                At = Timestamp.FromDateTimeOffset(_now.AddMinutes(minute - 60)),
                Started = done,
                Succeeded = done,
                Failed = minute is 17 or 41 ? 1 : 0,
                WaitMedian = 1.2 + (0.8 * Math.Sin(minute / 5.0)),
                WaitP95 = 4 + (2.5 * Math.Sin(minute / 9.0)),
                PromptTokens = done * 2_400,
                CompletionTokens = done * 620,
                LocalTokens = done * 3_020,
                Slots = minute < 20 ? 5 : 7,
                SlotsBusy = (int)Math.Clamp(Math.Round(tide * 0.7), 0, minute < 20 ? 5 : 7),
            });
        }
    }

    private void AddBatch()
    {
        for (var part = 1; part <= 12; part++)
        {
            var id = queue.Submit(
                $"Summarise the commits of week {part} for the release notes",
                spec => (spec.BatchId, spec.Client) = (Batch, "release-script"),
                _now.AddMinutes(-6).AddSeconds(part));
            if (part <= 8)
            {
                Run(id, "forge-01", 1, _now.AddSeconds(-300 + (part * 20)), TimeSpan.FromSeconds(14));
            }
        }
    }

    private void AddFinished()
    {
        var minutes = queue.Submit("議事録を五文で要約してください", spec => spec.Client = "claude-code", _now.AddSeconds(-200));
        Run(minutes, "forge-02", 2, _now.AddSeconds(-190), TimeSpan.FromSeconds(9));
        var letter = queue.Submit("Draft the reply to ticket 4711, friendly and short", spec => spec.Labels["desk"] = "support", _now.AddSeconds(-150));
        Run(letter, "forge-01", 3, _now.AddSeconds(-149), TimeSpan.FromSeconds(6));
        FailedTask = queue.Submit("Draw a circle", spec => spec.Model = "qwen2.5-coder:7b", _now.AddSeconds(-120));
        queue.Start(FailedTask, "forge-02", 1, "qwen2.5-coder:7b", _now.AddSeconds(-118));
        queue.Fail(FailedTask, "The model is not here: `ollama pull qwen2.5-coder:7b`.", _now.AddSeconds(-110));
        queue.Shape(FailedTask, record => record.Error.Code = "model_missing");
    }

    private void AddTaskWithEverything()
    {
        var specification = queue.Submit("Specify the functions of the maths module", spec => spec.BatchId = "maths", _now.AddSeconds(-100));
        Run(specification, "forge-02", 3, _now.AddSeconds(-99), TimeSpan.FromSeconds(8));
        TaskWithEverything = queue.Submit(
            "Create a Python function for fibonacci, once recursive and once fast",
            spec =>
            {
                (spec.Type, spec.Priority, spec.Client, spec.BatchId) = ("code", 8, "claude-code", "maths");
                spec.Labels["project"] = "apollo";
                spec.DependsOn.Add(specification);
                spec.TraceParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
            },
            _now.AddSeconds(-98));
        var tests = queue.Submit(
            "Write its tests", spec =>
            {
                (spec.Type, spec.BatchId) = ("code", "maths");
                spec.DependsOn.Add(TaskWithEverything);
            },
            _now.AddSeconds(-98));
        BlockedTask = tests;
        queue.Shape(tests, record => record.State = TaskState.Blocked);
        queue.Start(TaskWithEverything, "forge-02", 2, at: _now.AddSeconds(-88));
        queue.Shape(TaskWithEverything, record =>
        {
            var lost = record.Attempts[0];
            lost.Outcome = AttemptOutcome.Lost;
            lost.FinishedAt = Timestamp.FromDateTimeOffset(_now.AddSeconds(-80));
            lost.Error = new TaskError { Code = "lease_lost", Message = "The worker went away before it answered." };
        });
        queue.Start(TaskWithEverything, "forge-01", 1, at: _now.AddSeconds(-77));
        queue.Shape(TaskWithEverything, record =>
        {
            var attempt = record.Attempts[1];
            attempt.ModelLoad = Duration.FromTimeSpan(TimeSpan.FromSeconds(4));
            attempt.FirstToken = Duration.FromTimeSpan(TimeSpan.FromSeconds(6.5));
            attempt.Generation = Duration.FromTimeSpan(TimeSpan.FromSeconds(11));
            attempt.Zone = Zone.Local;
            attempt.Usage = new TokenUsage { PromptTokens = 212, CompletionTokens = 318 };
            record.Artifacts.Add(new Artifact
            {
                Name = "fibonacci.py", MediaType = "text/x-python", SizeBytes = 412,
                Sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            });
            record.Artifacts.Add(new Artifact
            {
                Name = "report/timings.csv", MediaType = "text/csv", SizeBytes = 18_422,
                Sha256 = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
            });
        });
        queue.Finish(TaskWithEverything, Answer, _now.AddSeconds(-59));
    }

    private void AddRunning()
    {
        (string Prompt, string Node, int Slot)[] running =
        [
            ("Explain the retry rules of the queue to a newcomer", "forge-01", 1),
            ("Write unit tests for InvoiceService", "forge-01", 2),
            ("Extract names and dates from contract 22", "forge-01", 4),
            ("Translate the release notes into Japanese", "forge-02", 1),
        ];
        foreach (var (prompt, node, slot) in running)
        {
            var id = queue.Submit(prompt, spec => spec.Client = "claude-code", _now.AddSeconds(-40 + slot));
            queue.Start(id, node, slot, at: _now.AddSeconds(-20 + slot));
            RunningTask = RunningTask.Length > 0 ? RunningTask : id;
        }

        queue.Write(RunningTask, """
            ## When an attempt fails

            A task may have three attempts, unless its type says otherwise. Between two of them it waits:

            1. After a **transient** failure it comes back after 1 s, 2 s, 4 s … up to 5 min, ±20 %.
            2. After a **permanent** one it goes to the dead letter, where a person

            """);
    }

    private void Run(string id, string node, int slot, DateTimeOffset from, TimeSpan time)
    {
        queue.Start(id, node, slot, at: from);
        queue.Finish(id, "Done.", from + time);
    }
}
