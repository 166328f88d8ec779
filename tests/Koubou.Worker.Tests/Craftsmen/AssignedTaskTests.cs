using Google.Protobuf.WellKnownTypes;
using Koubou.Contracts;
using Koubou.Worker.Craftsmen;

namespace Koubou.Worker.Tests.Craftsmen;

public sealed class AssignedTaskTests
{
    private static readonly TaskType Code = new()
    {
        Name = "code",
        SystemPrompt = "You write code.",
        PromptTemplate = "Task: {prompt}\nAnswer:",
        Timeout = Duration.FromTimeSpan(TimeSpan.FromMinutes(5)),
        Model = "codegemma",
        DataPolicy = DataPolicy.Private,
        Options = { ["num_ctx"] = "8192" },
    };

    [Fact]
    public void Task_SayingNothing_TakesItsTypesDefaults()
    {
        var task = new AssignedTask("id", 1, new TaskSpec { Type = "code", Prompt = "sort" }, Code);

        Assert.Equal("Task: sort\nAnswer:", task.Prompt);
        Assert.Equal("You write code.", task.SystemPrompt);
        Assert.Equal("codegemma", task.Model);
        Assert.Equal(TimeSpan.FromMinutes(5), task.Timeout);
        Assert.Equal(DataPolicy.Private, task.DataPolicy);
        Assert.Equal("8192", task.Options.Single().Value);
    }

    [Fact]
    public void Task_OwnFields_WinOverItsType()
    {
        var spec = new TaskSpec
        {
            Type = "code",
            Prompt = "sort",
            SystemPrompt = "",
            Model = "gemma2:2b",
            Timeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(9)),
            DataPolicy = DataPolicy.Local,
        };

        var task = new AssignedTask("id", 1, spec, Code);

        Assert.Equal("", task.SystemPrompt);
        Assert.Equal("gemma2:2b", task.Model);
        Assert.Equal(TimeSpan.FromSeconds(9), task.Timeout);
        Assert.Equal(DataPolicy.Local, task.DataPolicy);
    }

    [Fact]
    public void Task_OfAnUnknownType_StaysLocal()
    {
        var task = new AssignedTask("id", 1, new TaskSpec { Prompt = "hi" }, type: null);

        Assert.Equal("general", task.Type);
        Assert.Equal("hi", task.Prompt);
        Assert.Equal(DataPolicy.Local, task.DataPolicy);
        Assert.Null(task.Timeout);
    }
}
