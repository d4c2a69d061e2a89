def test_boots(graph):
    d = graph.execute("{ people(first: 2) { totalCount nodes { id name friends { nodes { name } } liked { edges { stars node { title } } } } } }")
    print(d); print(graph.statements)

def test_samples(samples):
    d = samples.execute("{ samples(first: 3) { nodes { id small big ratio flag word localWord kind mood price exact data token raw moment naive day clock span} } }")
    print(d)
    assert 0
