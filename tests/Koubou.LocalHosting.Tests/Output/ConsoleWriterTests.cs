using Koubou.LocalHosting.Output;

namespace Koubou.LocalHosting.Tests.Output;

public sealed class ConsoleWriterTests
{
    [Theory]
    [InlineData(false, "web       │ hello")]
    [InlineData(true, "\e[33mweb      \e[0m │ hello")]
    public void ServiceLine_StandsBehindItsName(bool colour, string expected)
    {
        using var output = new StringWriter();
        var console = new ConsoleWriter(output, colour);
        console.Introduce(["scheduler", "web"]);

        console.ServiceLine("web", "hello");

        Assert.Equal(expected + Environment.NewLine, output.ToString());
    }
}
