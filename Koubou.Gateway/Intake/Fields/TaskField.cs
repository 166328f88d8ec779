using System.Text;
using System.Text.Json;
using Koubou.Contracts;
using Microsoft.OpenApi;

namespace Koubou.Gateway.Intake.Fields;

/// <summary>One field of a submitted task: how it is read and how the API document describes it.</summary>
internal abstract class TaskField(string name, string description)
{
    public string Name { get; } = name;

    public string Description { get; } = description;

    public byte[] Utf8Name { get; } = Encoding.UTF8.GetBytes(name);

    /// <summary>
    /// Reads the value under the reader into the spec. Null, or what the value must be; then the value is left to the
    /// caller to skip.
    /// </summary>
    public abstract string? Read(ref Utf8JsonReader reader, TaskSpec spec);

    /// <summary>The field's JSON schema.</summary>
    public abstract OpenApiSchema Schema();
}
