#include "scenario/dump.h"

#include <utility>

namespace windtunnel::scenario {
namespace {

class TreeWriter final : public Visitor {
 public:
  Node root = Node::mapping();

 protected:
  void on_value(const Key& key, Slot& slot) override { put(key, slot.written()); }
  void on_group(const Key& key, const DescribeFunction& describe_group) override {
    Node outer = std::exchange(root, Node::mapping());
    describe_group(*this);
    put_into(outer, key, std::exchange(root, Node()));
    root = std::move(outer);
  }
  void on_list(const Key& key, ListSlot& list) override {
    Node outer = std::exchange(root, Node::sequence());
    for (size_t i = 0; i < list.size(); ++i) list.visit(i, Key{}, *this);
    put_into(outer, key, std::exchange(root, Node()));
    root = std::move(outer);
  }

 private:
  void put(const Key& key, Node node) { put_into(root, key, std::move(node)); }
  static void put_into(Node& parent, const Key& key, Node node) {
    if (parent.kind == Node::Kind::kSequence) {
      parent.items.push_back(std::move(node));
    } else {
      parent.add(std::string(key.name), std::move(node));
    }
  }
};

}  // namespace

Node dump_tree(const DescribeFunction& describe_root) {
  TreeWriter writer;
  describe_root(writer);
  return std::move(writer.root);
}

}  // namespace windtunnel::scenario
