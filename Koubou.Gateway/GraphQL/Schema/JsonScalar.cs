using GraphQL.Types;

namespace Koubou.Gateway.GraphQL.Schema;

/// <summary>Any JSON value, for labels, schemas and structured answers.</summary>
internal sealed class JsonScalar : ComplexScalarGraphType
{
    public JsonScalar()
    {
        Name = "JSON";
        Description = "Any JSON value.";
    }
}
