using System.Text.Json;
using System.Text.Json.Serialization;

namespace Xmtp.Gateway.Operator.Replicas;

/// <summary>The replicas' reports as JSON, without reflection: each replica writes its own every few seconds.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ReplicaReport))]
internal sealed partial class ReplicaJson : JsonSerializerContext;
