using Aspire.Hosting;

namespace Koubou.LocalHosting.TestService;

/// <summary>This program, as a project that a workshop can start.</summary>
public sealed class TestServiceProject : IProjectMetadata
{
    // Any file of the folder will do: only the folder counts, as the service's working directory.
    public string ProjectPath => AssemblyPath;

    public string AssemblyPath => typeof(TestServiceProject).Assembly.Location;
}
